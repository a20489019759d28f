using System;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>Memory that a <see cref="MemoryBank"/> gave to somebody: page-aligned, zeroed, with an owner and a generation.</summary>
public sealed class MemoryBlock
{
    private static readonly NameSeries s_lives = new("", " memory");

    internal MemoryBlock(MemoryBank bank, PhysicalAddress address, int sizeBytes, string owner, long generation)
    {
        Bank = bank;
        Address = address;
        SizeBytes = sizeBytes;
        Owner = owner;
        Generation = generation;
    }

    /// <summary>Where it came from.</summary>
    public MemoryBank Bank { get; }

    /// <summary>Its first byte, on the SoC's bus.</summary>
    public PhysicalAddress Address { get; }

    /// <summary>Size, bytes; a whole number of pages.</summary>
    public int SizeBytes { get; }

    /// <summary>Who has it: <c>vdev0vring0</c>.</summary>
    public string Owner { get; }

    /// <summary>Counts the bank's allocations: the same address in two generations is two blocks.</summary>
    public long Generation { get; }

    /// <summary>Whether it was given back.</summary>
    public bool IsFreed { get; internal set; }

    /// <summary>The task that gave it back; empty while nobody has, and where that is not known.</summary>
    public string FreedBy { get; internal set; } = "";

    /// <summary>The kernel function in which it was given back; empty while it was not.</summary>
    public string FreedIn { get; internal set; } = "";

    /// <summary>Its bytes.</summary>
    /// <exception cref="InvariantException">It was given back.</exception>
    public Span<byte> Span => Memory.Span;

    /// <summary>Its bytes, storable. Whoever stores it past <see cref="MemoryBank.Free"/> sees poison.</summary>
    /// <exception cref="InvariantException">It was given back.</exception>
    public Memory<byte> Memory
    {
        get
        {
            Invariant.Check(!IsFreed, "freed memory is not used");
            return Bank.SliceMemory(Address, SizeBytes);
        }
    }

    /// <summary>Whether it is there; null while nobody listens.</summary>
    private SharedState? Life => Bank.Trace is not { } trace || !trace.IsListening ? null : field ??= trace.StateOf(s_lives[Owner]);

    /// <summary>Another processor uses it, now: a search of schedules then tries that after it was given back, too.</summary>
    public void NoteUse() => Life?.Read();

    /// <summary>It is given back.</summary>
    internal void NoteFree() => Life?.Write();

    /// <summary>Whether an address is one of its own.</summary>
    public bool Contains(PhysicalAddress address) =>
        address.Value >= Address.Value && address.Value - Address.Value < (ulong)SizeBytes;

    /// <summary>Owner, place and size.</summary>
    public override string ToString() =>
        $"{Owner} at {Address}, 0x{SizeBytes:x} bytes, generation {Generation}{(IsFreed ? ", freed" : "")}";
}
