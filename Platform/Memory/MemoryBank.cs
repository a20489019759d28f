using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>A range of the SoC's bus with memory behind it, and the allocator over it: first fit, whole pages.</summary>
/// <remarks>
/// Stands in for dma_alloc_coherent over a reserved region (kernel/dma/coherent.c). Given out, a block is zeroed; given back, it is
/// poisoned with <see cref="Poison"/>, so that whoever still reads it does not see what it hopes for.
/// Allocating and freeing belong to the host processor; reading who has an address is for anybody.
/// </remarks>
public sealed class MemoryBank
{
    /// <summary>What freed memory is filled with: POISON_FREE of include/linux/poison.h.</summary>
    public const byte Poison = 0x6b;

    private const int FreedBlocksKept = 64;

    private readonly SharedMemory _memory;
    private readonly Tracer? _trace;
    private readonly SharedState? _shared; // who takes first gets the lower address
    private readonly List<MemoryBlock> _live = []; // by address
    private readonly Queue<MemoryBlock> _freed = new();
    private readonly bool[] _touched; // by page: whether somebody was given its bytes, to read or to write, since the bank was new
    private long _generation;

    /// <summary>Puts memory on the bus.</summary>
    /// <param name="name">What a person calls it: <c>ddr</c>, <c>tcm</c>.</param>
    /// <param name="address">Where it begins; a whole number of pages, and the bank ends below 2^64.</param>
    /// <param name="memory">What is behind it; the bank does not dispose it.</param>
    /// <param name="trace">Sees allocations; null for none.</param>
    public MemoryBank(string name, PhysicalAddress address, SharedMemory memory, Tracer? trace = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentOutOfRangeException.ThrowIfNotEqual(address.Value % SharedMemory.PageBytes, 0UL);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address.Value, ulong.MaxValue - (ulong)memory.LengthBytes); // so that ends compare
        Name = name;
        Address = address;
        _memory = memory;
        _trace = trace;
        _shared = trace is null ? null : new SharedState(trace.Scheduler, $"bank {name}");
        _touched = new bool[memory.LengthBytes / SharedMemory.PageBytes];
    }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>Its first byte on the bus.</summary>
    public PhysicalAddress Address { get; }

    /// <summary>Sees allocations; null for none.</summary>
    internal Tracer? Trace => _trace;

    /// <summary>Size, bytes.</summary>
    public long SizeBytes => _memory.LengthBytes;

    /// <summary>Blocks given out and not given back, by address.</summary>
    public IReadOnlyList<MemoryBlock> LiveBlocks => _live;

    /// <summary>The blocks given back last, oldest first: who had an address that somebody still uses.</summary>
    public IReadOnlyCollection<MemoryBlock> FreedBlocks => _freed;

    /// <summary>Whether there is memory behind it still: its owner may dispose that.</summary>
    internal unsafe bool IsMapped => _memory.Base is not null;

    /// <summary>Bytes given out and not given back.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Gives out zeroed memory, at the lowest address that fits.</summary>
    /// <param name="owner">Who takes it.</param>
    /// <param name="sizeBytes">Rounded up to pages; 0 takes a page.</param>
    /// <returns>Null when no free range is long enough.</returns>
    public MemoryBlock? Allocate(string owner, long sizeBytes)
    {
        if (sizeBytes < 0 || sizeBytes > SizeBytes) return null;
        long wantBytes = SharedMemory.RoundUpToPage(sizeBytes);
        ulong at = Address.Value;
        int index = 0;
        for (; index < _live.Count; index++)
        {
            MemoryBlock next = _live[index];
            if (next.Address.Value - at >= (ulong)wantBytes) break;
            at = next.Address.Value + (ulong)next.SizeBytes;
        }

        if (Address.Value + (ulong)SizeBytes - at < (ulong)wantBytes) return null;
        return Take(index, new PhysicalAddress(at), (int)wantBytes, owner);
    }

    /// <summary>Gives out zeroed memory at a given address.</summary>
    /// <param name="owner">Who takes it.</param>
    /// <param name="address">Where; a whole number of pages.</param>
    /// <param name="sizeBytes">Rounded up to pages.</param>
    /// <returns>Null when the range is not free, not in the bank, or not page-aligned.</returns>
    public MemoryBlock? AllocateAt(string owner, PhysicalAddress address, long sizeBytes)
    {
        if (sizeBytes < 0 || sizeBytes > SizeBytes || address.Value % SharedMemory.PageBytes != 0) return null;
        long wantBytes = SharedMemory.RoundUpToPage(sizeBytes);
        if (!Contains(address, (ulong)wantBytes)) return null;
        int index = 0;
        while (index < _live.Count && _live[index].Address.Value < address.Value) index++;
        if (index > 0 && _live[index - 1].Address.Value + (ulong)_live[index - 1].SizeBytes > address.Value) return null;
        if (index < _live.Count && address.Value + (ulong)wantBytes > _live[index].Address.Value) return null;
        return Take(index, address, (int)wantBytes, owner);
    }

    /// <summary>The block that has an address; else the last one that had it and was given back. Null when nobody ever had it.</summary>
    /// <remarks>Of the blocks given back, only the last ones are known.</remarks>
    public MemoryBlock? FindBlock(PhysicalAddress address)
    {
        foreach (MemoryBlock block in _live)
        {
            if (block.Contains(address)) return block;
        }

        MemoryBlock? freed = null;
        foreach (MemoryBlock block in _freed)
        {
            if (block.Contains(address)) freed = block;
        }

        return freed;
    }

    /// <summary>Takes a block back and poisons it.</summary>
    /// <param name="block">The block.</param>
    /// <param name="function">The kernel function that gives it back.</param>
    /// <exception cref="InvariantException">It was given back before, or is another bank's.</exception>
    public void Free(MemoryBlock block, string function = "dma_free_coherent")
    {
        ArgumentNullException.ThrowIfNull(block);
        _shared?.Write();
        Invariant.Check(!block.IsFreed && _live.Remove(block), "memory is freed once, to the bank that gave it");
        block.Span.Fill(Poison);
        block.IsFreed = true;
        block.FreedBy = _trace?.TaskName ?? "";
        block.FreedIn = function;
        block.NoteFree();
        LiveBytes -= block.SizeBytes;
        _freed.Enqueue(block);
        if (_freed.Count > FreedBlocksKept) _ = _freed.Dequeue();
        _trace?.Emit(TraceKind.MemoryFreed, block.Owner, block.Address.Value, (ulong)block.SizeBytes);
    }

    /// <summary>Whether the range lies in the bank.</summary>
    public bool Contains(PhysicalAddress address, ulong lengthBytes) =>
        address.Value >= Address.Value && lengthBytes <= (ulong)SizeBytes &&
        address.Value - Address.Value <= (ulong)SizeBytes - lengthBytes;

    /// <summary>The bytes at an address of the bank, whoever has them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie in the bank.</exception>
    public Span<byte> Slice(PhysicalAddress address, int lengthBytes)
    {
        long offset = unchecked((long)(address.Value - Address.Value));
        Span<byte> bytes = _memory.Slice(offset, lengthBytes);
        Touch(offset, lengthBytes);
        return bytes;
    }

    /// <summary>The bytes at an address of the bank, storable.</summary>
    /// <inheritdoc cref="Slice"/>
    public Memory<byte> SliceMemory(PhysicalAddress address, int lengthBytes)
    {
        long offset = unchecked((long)(address.Value - Address.Value));
        Memory<byte> bytes = _memory.SliceMemory(offset, lengthBytes);
        Touch(offset, lengthBytes);
        return bytes;
    }

    /// <summary>A range of the bank for who checks every access himself: see <see cref="MemoryWindow"/>.</summary>
    internal unsafe nint Open(PhysicalAddress address, ulong lengthBytes)
    {
        long offset = unchecked((long)(address.Value - Address.Value));
        Touch(offset, (int)lengthBytes);
        return (nint)(_memory.Base + offset); // SAFETY: the caller has seen that the range lies in the bank, and that it is mapped
    }

    /// <summary>
    /// Makes it as new: nothing was ever allocated, and every page that somebody was given bytes of is zero. What another process wrote
    /// elsewhere stays.
    /// </summary>
    /// <exception cref="InvariantException">A block is not given back.</exception>
    public void Rewind()
    {
        Invariant.Check(_live.Count == 0, "a bank is rewound when it has everything back");
        _freed.Clear();
        _generation = 0;
        int first;
        while ((first = _touched.AsSpan().IndexOf(true)) >= 0)
        {
            int count = _touched.AsSpan(first).IndexOf(false);
            if (count < 0) count = _touched.Length - first;
            _memory.Slice((long)first * SharedMemory.PageBytes, count * SharedMemory.PageBytes).Clear();
            _touched.AsSpan(first, count).Clear();
        }
    }

    /// <summary>Name and range.</summary>
    public override string ToString() => $"{Name} {Address}..0x{Address.Value + (ulong)SizeBytes - 1:x}";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Touch(long offset, int lengthBytes)
    {
        if (lengthBytes == 0) return;
        int first = (int)(offset / SharedMemory.PageBytes);
        int last = (int)((offset + lengthBytes - 1) / SharedMemory.PageBytes);
        for (int page = first; page <= last; page++) _touched[page] = true; // most often one: a field, a ring, a message
    }

    private MemoryBlock Take(int index, PhysicalAddress address, int sizeBytes, string owner)
    {
        _shared?.Write();
        MemoryBlock block = new(this, address, sizeBytes, owner, ++_generation);
        _live.Insert(index, block);
        LiveBytes += sizeBytes;
        block.Span.Clear();
        _trace?.Emit(TraceKind.MemoryAllocated, owner, address.Value, (ulong)sizeBytes);
        return block;
    }
}
