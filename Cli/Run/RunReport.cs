using System;
using System.Collections.Generic;
using RemoteprocEmu.DriverModel.Log;

namespace RemoteprocEmu.Cli.Run;

/// <summary>What a run came to: plain data, taken while it was still there.</summary>
internal sealed class RunReport
{
    /// <summary>What ran behind the doorbell.</summary>
    public string ProgramName { get; set; } = "";

    /// <summary>Who booted it.</summary>
    public BootBy Boot { get; set; }

    /// <summary>Whether it came up.</summary>
    public bool HasBooted { get; set; }

    /// <summary>Its state before it was stopped, in sysfs's word.</summary>
    public string State { get; set; } = "offline";

    /// <summary>Whether it was interrupted.</summary>
    public bool WasInterrupted { get; set; }

    /// <summary>The table that the firmware saw, the host's fields filled in; empty when it was not up.</summary>
    public byte[] Table { get; set; } = [];

    /// <summary>Memory that was allocated or mapped for it.</summary>
    public List<MemoryRow> Memory { get; } = [];

    /// <summary>Its vrings.</summary>
    public List<RingRow> Rings { get; } = [];

    /// <summary>Its vdevs.</summary>
    public List<VdevRow> Vdevs { get; } = [];

    /// <summary>Windows of device addresses: the board's memory map, as the processor sees it.</summary>
    public List<WindowRow> Windows { get; } = [];

    /// <summary>Channels at the end.</summary>
    public List<ChannelRow> Channels { get; } = [];

    /// <summary>Messages, by vdev.</summary>
    public List<TrafficRow> Traffic { get; } = [];

    /// <summary>Frames and bytes, by vdev.</summary>
    public List<StreamRow> Streams { get; } = [];

    /// <summary>Trace buffers: file in debugfs, and text.</summary>
    public List<(string Name, string Text)> Traces { get; } = [];

    /// <summary>Crashes.</summary>
    public int CrashCount { get; set; }

    /// <summary>The last core dump; empty when there is none.</summary>
    public ReadOnlyMemory<byte> CoreDump { get; set; }

    /// <summary>Pings of the firmware that came back to it whole; for the program <c>ping</c>.</summary>
    public long PingCount { get; set; }

    /// <summary>Kicks that the host sent, and that the firmware sent.</summary>
    public (long FromHost, long FromFirmware) Kicks { get; set; }

    /// <summary>What is still there and should not be.</summary>
    public IReadOnlyList<string> Left { get; set; } = [];

    /// <summary>What went wrong, in order.</summary>
    public List<string> Findings { get; } = [];

    /// <summary>The kernel log.</summary>
    public IReadOnlyList<LogLine> Log { get; set; } = [];

    /// <summary>Times that a message buffer was taken, where that was written down; null where it was not.</summary>
    public long? BuffersTakenCount { get; set; }

    /// <summary>Why the capture is not whole; null when it is, and when there is none.</summary>
    public string? CaptureFailure { get; set; }

    /// <summary>Time of the whole run, in the scheduler's time, ns.</summary>
    public long DurationNs { get; set; }

    /// <summary>Verified messages, all vdevs together, whoever began.</summary>
    public long VerifiedCount
    {
        get
        {
            long count = PingCount;
            foreach (TrafficRow row in Traffic) count += row.Verified;
            return count;
        }
    }

    /// <summary>The exit code that it stands for.</summary>
    public int ExitCode =>
        WasInterrupted && Left.Count == 0 ? Cli.ExitCode.Interrupted : Findings.Count > 0 ? Cli.ExitCode.Finding : Cli.ExitCode.Ok;
}
