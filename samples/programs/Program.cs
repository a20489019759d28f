using System;

namespace RemoteprocEmu.Samples;

/// <summary>The samples of README.md and docs: <c>dotnet run -c Release --project samples/programs -- NAME</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["machine"]: ComposedMachine.Run(); return 0;
            case ["firmware"]: ShoutMachine.Run(); return 0;
            case ["pipe"]: PipeMachine.Run(); return 0;
            case ["wire"]: WireMachine.Run(); return 0;
            case ["tty"]: TtyPipe.Run(); return 0;
            case ["serial"]: SerialMachine.Run(); return 0;
            case ["crash", string dumpPath]: CrashAndRecover.Run(dumpPath); return 0;
            case ["consumer"]: ConsumerBoot.Run(); return 0;
            case ["seeds"]: Seeds.Run(); return 0;
            case ["faults"]: Faults.Run(); return 0;
            case ["scenario"]: ExploredScenario.Run(); return 0;
            case ["nodes"]: DeviceNodes.Run(); return 0;
            default:
                Console.Error.WriteLine("samples: machine | firmware | pipe | tty | wire | serial | crash FILE | " +
                    "consumer | seeds | faults | scenario | nodes");
                return 2;
        }
    }
}
