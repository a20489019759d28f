using RemoteprocEmu.Board.VhostUser;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cli.Serve;

/// <summary>For people: a line an event, stamped as dmesg stamps.</summary>
internal sealed class ServeOutputText(Terminal terminal) : IServeOutput
{
    /// <inheritdoc/>
    public void Write(VhostUserEvent happened) => terminal.Output.WriteLine(
        $"[{happened.TimeNs / 1_000_000_000,5}.{happened.TimeNs / 1_000 % 1_000_000:d6}] {happened.Port}: {happened.Text}");

    /// <inheritdoc/>
    public void WriteSummary(string port, long connections, long crashes, VdevCounters counters) => terminal.Output.WriteLine(
        $"{port}: {connections} connections, {counters.Received} messages received, {counters.Sent} sent, {counters.Kicks} calls, " +
        $"{counters.Resets} resets, {crashes} crashes");
}
