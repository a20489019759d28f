using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using RemoteprocEmu.Virtio.Fuzz;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Does the compiler leave anything of <c>TAccess</c>? The machine code of a batch's steps over the host's own memory.</summary>
/// <remarks>A child process runs both rings and writes the code down as it compiles it.</remarks>
public sealed class CompiledCodeTests
{
    private const string Access = "[RemoteprocEmu.Platform.Access.HostAccess]";

    /// <summary>What may be called: where a fault is named, a caller's mistake thrown, or, in order, a used entry read for a whole
    /// batch.</summary>
    private static readonly string[] s_cold =
        [":Fault(", ":NameFault(", ":ThrowNotTaken(", ":IsUnpublished(", ":OpenBatch(", ":ReturnEarly(", "CORINFO_HELP_RNGCHKFAIL"];

    [Fact]
    public void The_steps_of_a_batch_call_nothing_but_what_names_a_fault()
    {
        Dictionary<string, List<string>> calls = Compile();
        foreach (string method in new[] { "Offer", "ReclaimNamed", "ReclaimInOrder", "TakeKnown", "ReturnNamed", "ReturnInOrder" })
        {
            Assert.True(calls.ContainsKey(method), $"{method} was not compiled: {string.Join(", ", calls.Keys)}");
            Assert.DoesNotContain(calls[method],
                call => !s_cold.Any(cold => call.Contains(cold, StringComparison.Ordinal)) && !IsMap(call));
        }

        Assert.Contains(calls["TryReclaim"], call => call.Contains(":ReclaimNamed(", StringComparison.Ordinal)); // a call would be seen
    }

    /// <summary>A caller's map is his own.</summary>
    private static bool IsMap(string call) => call.Contains(":TryResolve(", StringComparison.Ordinal);

    /// <returns>The call instructions in each method of a ring's half, by the method's name.</returns>
    private static Dictionary<string, List<string>> Compile()
    {
        string listing = Path.GetTempFileName();
        try
        {
            ProcessStartInfo start = new(Environment.ProcessPath!, ["exec", typeof(QueueCase).Assembly.Location, "--operations", "20000"])
            {
                RedirectStandardOutput = true,
                Environment =
                {
                    ["DOTNET_JitDisasm"] = "Offer TryReclaim ReclaimNamed ReclaimInOrder TakeKnown ReturnNamed ReturnInOrder",
                    ["DOTNET_JitStdOutFile"] = listing,
                    ["DOTNET_TieredCompilation"] = "0",
                },
            };
            using Process child = Process.Start(start)!;
            string output = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            Assert.True(child.ExitCode == 0, output);
            return Calls(File.ReadLines(listing));
        }
        finally
        {
            File.Delete(listing);
        }
    }

    private static Dictionary<string, List<string>> Calls(IEnumerable<string> lines)
    {
        const string Begin = "; Assembly listing for method ";
        Dictionary<string, List<string>> calls = [];
        List<string>? current = null;
        foreach (string line in lines)
        {
            if (line.StartsWith(Begin, StringComparison.Ordinal))
            {
                bool isRing = line.Contains("Ring.SplitQueueD", StringComparison.Ordinal) &&
                    line.Contains(Access, StringComparison.Ordinal);
                string name = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('(', '[')[0];
                current = null;
                if (isRing && !calls.TryGetValue(name, out current)) calls.Add(name, current = []);
            }
            else if (line.TrimStart().StartsWith("call ", StringComparison.Ordinal))
            {
                current?.Add(line.Trim());
            }
        }

        return calls;
    }
}
