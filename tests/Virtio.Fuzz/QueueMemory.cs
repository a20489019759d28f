using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz;

/// <summary>The memory of a queue under test: its parts, with room between them that nobody may touch, then indirect tables.</summary>
/// <remarks>
/// Parts are named as VIRTIO 1.2, 2.6, names them, for split and packed alike: descriptor area, driver area, device area. Offsets are
/// computed here from the specification's table of sizes and alignments, not taken from the code under test.
/// </remarks>
public sealed class QueueMemory : IDisposable
{
    /// <summary>Bytes of a descriptor, split or packed.</summary>
    public const int DescriptorBytes = 16;

    /// <summary>How many indirect tables there are.</summary>
    public const int TableCount = 32;

    /// <summary>Descriptors that fit into one.</summary>
    public const int TableEntries = 8;

    /// <summary>Device address of the first table.</summary>
    public const ulong TablesAddress = 0x4000_0000_0000;

    private const int TableBytes = TableEntries * DescriptorBytes;
    private const int RoomBytes = 64; // between parts that lie apart
    private readonly GuardedRegion _region;

    /// <summary>Lays out the memory of a case, all zero.</summary>
    public QueueMemory(QueueCase queue)
    {
        int n = queue.QueueSize;
        DescriptorAreaBytes = DescriptorBytes * n;
        DriverAreaBytes = queue.IsPacked ? 4 : 6 + (2 * n);
        DeviceAreaBytes = queue.IsPacked ? 4 : 6 + (8 * n);
        if (queue.AlignBytes == 0)
        {
            // In another order than they are named in, with room, each no better aligned than it must be.
            DeviceArea = queue.IsPacked ? 4 : 4 + RoomBytes;
            DescriptorArea = RoundUp(DeviceArea + DeviceAreaBytes + RoomBytes, 16);
            DriverArea = DescriptorArea + DescriptorAreaBytes + RoomBytes + (queue.IsPacked ? 4 : 2);
            TableArea = RoundUp(DriverArea + DriverAreaBytes + RoomBytes, 16);
        }
        else
        {
            DriverArea = DescriptorAreaBytes;
            DeviceArea = RoundUp(DriverArea + DriverAreaBytes, queue.AlignBytes);
            TableArea = RoundUp(DeviceArea + DeviceAreaBytes + RoomBytes, 16);
        }

        _region = new GuardedRegion(TableArea + (TableCount * TableBytes));
    }

    /// <summary>Offset and length of the descriptor table or ring.</summary>
    public int DescriptorArea { get; }

    /// <summary>Its bytes.</summary>
    public int DescriptorAreaBytes { get; }

    /// <summary>Offset of the available ring, or of driver event suppression.</summary>
    public int DriverArea { get; }

    /// <summary>Its bytes.</summary>
    public int DriverAreaBytes { get; }

    /// <summary>Offset of the used ring, or of device event suppression.</summary>
    public int DeviceArea { get; }

    /// <summary>Its bytes.</summary>
    public int DeviceAreaBytes { get; }

    /// <summary>Offset of the tables.</summary>
    public int TableArea { get; }

    /// <summary>All of it.</summary>
    public Span<byte> Bytes => _region.Span;

    /// <summary>The descriptor area.</summary>
    public Span<byte> Descriptors => _region.Span.Slice(DescriptorArea, DescriptorAreaBytes);

    /// <summary>The driver area.</summary>
    public Span<byte> Driver => _region.Span.Slice(DriverArea, DriverAreaBytes);

    /// <summary>The device area.</summary>
    public Span<byte> Device => _region.Span.Slice(DeviceArea, DeviceAreaBytes);

    /// <summary>Whether nothing around it was touched.</summary>
    public bool GuardsAreWhole => _region.GuardsAreWhole;

    /// <summary>The memory of a table.</summary>
    public Span<byte> Table(int table) => _region.Span.Slice(TableArea + (TableBytes * table), TableBytes);

    /// <summary>Where the device finds a table.</summary>
    public static ulong AddressOfTable(int table) => TablesAddress + (ulong)(TableBytes * table);

    /// <summary>A 16-bit field.</summary>
    public ushort Word(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_region.Span[offset..]);

    /// <summary>A 32-bit field.</summary>
    public uint DoubleWord(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_region.Span[offset..]);

    /// <summary>A 64-bit field.</summary>
    public ulong QuadWord(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_region.Span[offset..]);

    /// <inheritdoc/>
    public void Dispose() => _region.Dispose();

    private static int RoundUp(int value, int alignment) => (value + alignment - 1) / alignment * alignment;

    /// <summary>Finds tables; and buffers, which nobody reads here.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="hasBuffers">Whether there is memory everywhere else, too.</param>
    public readonly struct Map(QueueMemory memory, bool hasBuffers) : IBufferMap
    {
        /// <inheritdoc/>
        public unsafe bool TryResolve(ulong address, uint lengthBytes, out nint start)
        {
            ulong offset = address - TablesAddress;
            const ulong AllBytes = TableCount * TableBytes;
            bool isTable = address >= TablesAddress && offset < AllBytes && lengthBytes <= AllBytes - offset;
            // SAFETY: the region does not move; whoever asked reads no more than it asked for.
            start = isTable ? (nint)Unsafe.AsPointer(ref memory._region.Span[memory.TableArea + (int)offset]) : (nint)address;
            return isTable || hasBuffers;
        }
    }
}
