using RemoteprocEmu.Board.VhostUser;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cli.Serve;

/// <summary>How a server tells what happens.</summary>
internal interface IServeOutput
{
    /// <summary>Something has happened.</summary>
    void Write(VhostUserEvent happened);

    /// <summary>What a port has come to at the end.</summary>
    void WriteSummary(string port, long connections, long crashes, VdevCounters counters);
}
