using RemoteprocEmu.Platform.Doorbells;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>What a half is made from.</summary>
internal sealed record HalfContext
{
    /// <summary>The case.</summary>
    public required BenchCase Case { get; init; }

    /// <summary>Whether it is the driver's half.</summary>
    public required bool IsHost { get; init; }

    /// <summary>Where the halves meet.</summary>
    public required Gate Gate { get; init; }

    /// <summary>What this half sleeps on.</summary>
    public required EventFd OwnBell { get; init; }

    /// <summary>What the other half sleeps on.</summary>
    public required EventFd OtherBell { get; init; }

    /// <summary>Looks before a sleep, at most.</summary>
    public required int SpinLooks { get; init; }

    /// <summary>What a sleep costs, ns.</summary>
    public required long SpinNs { get; init; }

    /// <summary>Whether this half sends, in a case of one direction.</summary>
    public bool Sends => IsHost == (Case.Direction != BenchDirection.ToHost);

    /// <summary>The bell to ring; null where both halves look by themselves.</summary>
    public EventFd? BellToRing => Case.Wait == BenchWait.EventFd ? OtherBell : null;
}
