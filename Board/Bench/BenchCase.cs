using System.Globalization;

namespace RemoteprocEmu.Board.Bench;

/// <summary>What carries the messages.</summary>
internal enum BenchTransport
{
    /// <summary>Endpoint to endpoint: header, endpoint lookup, callback, over virtqueues.</summary>
    Rpmsg,

    /// <summary>Virtqueues alone.</summary>
    Ring,

    /// <summary>A bare single-producer single-consumer ring: the limit.</summary>
    Spsc,

    /// <summary>A bounded channel of System.Threading.Channels.</summary>
    Channel,

    /// <summary>A pipe of System.IO.Pipelines.</summary>
    Pipe,

    /// <summary>A stream socket of the Unix domain.</summary>
    Unix,

    /// <summary>Datagrams over the loopback interface.</summary>
    Udp,
}

/// <summary>How a virtqueue lies in memory, and in which order it is used.</summary>
internal enum BenchLayout
{
    /// <summary>No virtqueue.</summary>
    None,

    /// <summary>Split.</summary>
    Split,

    /// <summary>Split, with VIRTIO_F_IN_ORDER.</summary>
    InOrder,

    /// <summary>Packed.</summary>
    Packed,
}

/// <summary>Where the two halves run.</summary>
internal enum BenchPlace
{
    /// <summary>Both on one thread.</summary>
    OneThread,

    /// <summary>Two threads, each on a core of its own.</summary>
    TwoThreads,

    /// <summary>Two processes, each on a core of its own, over one file that both have mapped.</summary>
    TwoProcesses,
}

/// <summary>How a half waits.</summary>
internal enum BenchWait
{
    /// <summary>It looks again and again.</summary>
    Poll,

    /// <summary>It looks for as long as it pays, then sleeps on an eventfd.</summary>
    EventFd,
}

/// <summary>Which way the messages go.</summary>
internal enum BenchDirection
{
    /// <summary>From the driver's half to the device's.</summary>
    ToRemote,

    /// <summary>From the device's half to the driver's.</summary>
    ToHost,

    /// <summary>To the remote and back, one at a time.</summary>
    RoundTrip,
}

/// <summary>One thing that is measured.</summary>
internal sealed record BenchCase
{
    /// <summary>What carries the messages.</summary>
    public required BenchTransport Transport { get; init; }

    /// <summary>The virtqueue's layout.</summary>
    public BenchLayout Layout { get; init; }

    /// <summary>Where the halves run.</summary>
    public BenchPlace Place { get; init; } = BenchPlace.TwoThreads;

    /// <summary>How they wait.</summary>
    public BenchWait Wait { get; init; }

    /// <summary>Which way.</summary>
    public BenchDirection Direction { get; init; }

    /// <summary>Whether the sender has its message elsewhere and copies it; otherwise it writes it where it will be read.</summary>
    public bool Copies { get; init; }

    /// <summary>Bytes of a message.</summary>
    public int PayloadBytes { get; init; } = 16;

    /// <summary>Messages for each publication.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Messages that can be under way.</summary>
    public int Ring { get; init; } = 256;

    /// <summary>Vdevs that take turns, a batch each.</summary>
    public int Vdevs { get; init; } = 1;

    /// <summary>Endpoints that take turns, a message each.</summary>
    public int Endpoints { get; init; } = 1;

    /// <summary>Messages a second that are offered, whether they go through or not; 0: as many as go through.</summary>
    public int OfferedPerSecond { get; init; }

    /// <summary>Its name: words between slashes.</summary>
    public string Name
    {
        get
        {
            string name = $"{Word(Transport)}";
            if (Layout != BenchLayout.None) name += $"/{Word(Layout)}";
            name += Copies ? "/copy" : "/in-place";
            name += $"/{Word(Place)}/{Word(Wait)}/{Word(Direction)}";
            name += string.Create(CultureInfo.InvariantCulture, $"/{PayloadBytes}B/b{Batch}/r{Ring}");
            if (Vdevs > 1) name += string.Create(CultureInfo.InvariantCulture, $"/v{Vdevs}");
            if (Endpoints > 1) name += string.Create(CultureInfo.InvariantCulture, $"/e{Endpoints}");
            if (OfferedPerSecond > 0) name += string.Create(CultureInfo.InvariantCulture, $"/rate{OfferedPerSecond}");
            return name;
        }
    }

    /// <summary>A value's word in names and JSON.</summary>
    public static string Word(BenchTransport transport) => transport switch
    {
        BenchTransport.Rpmsg => "rpmsg",
        BenchTransport.Ring => "ring",
        BenchTransport.Spsc => "spsc",
        BenchTransport.Channel => "channel",
        BenchTransport.Pipe => "pipe",
        BenchTransport.Unix => "unix",
        _ => "udp",
    };

    /// <inheritdoc cref="Word(BenchTransport)"/>
    public static string Word(BenchLayout layout) => layout switch
    {
        BenchLayout.Split => "split",
        BenchLayout.InOrder => "in-order",
        BenchLayout.Packed => "packed",
        _ => "none",
    };

    /// <inheritdoc cref="Word(BenchTransport)"/>
    public static string Word(BenchPlace place) => place switch
    {
        BenchPlace.OneThread => "one-thread",
        BenchPlace.TwoThreads => "two-threads",
        _ => "two-processes",
    };

    /// <inheritdoc cref="Word(BenchTransport)"/>
    public static string Word(BenchWait wait) => wait == BenchWait.Poll ? "poll" : "eventfd";

    /// <inheritdoc cref="Word(BenchTransport)"/>
    public static string Word(BenchDirection direction) => direction switch
    {
        BenchDirection.ToRemote => "to-remote",
        BenchDirection.ToHost => "to-host",
        _ => "round-trip",
    };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
