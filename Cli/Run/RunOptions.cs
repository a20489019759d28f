using System.IO;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Run;

/// <summary>What a run is to do.</summary>
/// <param name="Image">The firmware; the checker has said that the kernel boots it.</param>
internal sealed record RunOptions(ImageFile Image)
{
    /// <summary>Messages in each direction of each rpmsg vdev, besides the client sample's.</summary>
    public const int MessageCountDefault = 1000;

    /// <summary>Who boots it; null for what suits the image.</summary>
    public BootBy? Boot { get; init; }

    /// <summary>What runs behind the doorbell, by name; null for what suits the image.</summary>
    public string? Program { get; init; }

    /// <summary>Messages in each direction of each rpmsg vdev.</summary>
    public int Messages { get; init; } = MessageCountDefault;

    /// <summary>Answers after which the firmware crashes, once; null for never.</summary>
    public long? CrashAfter { get; init; }

    /// <summary>Where the messages go, as pcapng; null for nowhere. The run closes it.</summary>
    public Stream? Capture { get; init; }

    /// <summary>Terminals instead of an exchange: until it is interrupted.</summary>
    public bool HasTerminals { get; init; }

    /// <summary>Whether it is written down who has which message buffer: what is not given back is a finding.</summary>
    public bool ChecksBuffers { get; init; }

    /// <summary>Virtual time: repeatable.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>Draws the order of events; null for the plain order. Virtual time only.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The kernel to follow.</summary>
    public Era Era { get; init; } = Era.Emu;
}
