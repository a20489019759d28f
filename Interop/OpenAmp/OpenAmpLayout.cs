using System;
using System.Buffers.Binary;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Interop.OpenAmp;

/// <summary>The shared memory of OpenAMP's Linux processes, and the resource table that is its first bytes.</summary>
/// <remarks>
/// <code>
/// offset   bytes    content
/// 0x00000  0x58     resource table: one vdev (0x14), vring0 (0x30), vring1 (0x44)
/// 0x04000  0x2806   vring0, remote to host: 256 descriptors, used ring at 0x6000
/// 0x08000  0x2806   vring1, host to remote: 256 descriptors, used ring at 0xA000
/// 0x10000  0x40000  message buffers of 512 bytes: the host's 256 to receive into, then its 256 to send
/// 0x80000           end
///
/// the vdev     +0x00 type 3   +0x04 id 7     +0x08 notifyid 0   +0x0C dfeatures 1
///              +0x10 gfeatures   +0x14 config_len 0   +0x18 status   +0x19 num_of_vrings 2   +0x1A reserved
/// </code>
/// A device address, and the address in a descriptor, is an offset into the file. Little-endian.
/// Source: open-amp, examples/legacy_apps/machine/generic_linux: platform_info.c, rsc_table.c.
/// </remarks>
public static class OpenAmpLayout
{
    /// <summary>Size of the memory, bytes.</summary>
    public const int MemoryBytes = 0x80000;

    /// <summary>Where the table is: firmware of this kind knows it.</summary>
    public const int TableOffset = 0;

    /// <summary>Size of the table that a server of ours writes, bytes.</summary>
    public const int TableBytes = 0x58;

    /// <summary>Room for another server's table, bytes.</summary>
    public const int TableBytesMax = 0x400;

    /// <summary>Where the message buffers are that a host of ours lends.</summary>
    public const int BuffersOffset = 0x10000;

    /// <summary>Size of all message buffers, bytes.</summary>
    public const int BuffersBytes = 0x40000;

    /// <summary>Descriptors of each ring.</summary>
    public const int QueueSize = 256;

    private const int Vring0Offset = 0x4000;
    private const int Vring1Offset = 0x8000;
    private const uint AlignBytes = 0x1000;
    private const int EntryOffset = 0x14;

    /// <summary>Where the vdev's own fields begin, for who reads one directly.</summary>
    public const int VdevOffset = EntryOffset + ResourceTableHeader.EntryHeaderBytes;

    /// <summary>Where the status byte is.</summary>
    public const int StatusOffset = VdevOffset + VdevEntry.StatusOffset;

    /// <summary>The table that a server writes.</summary>
    /// <remarks>
    /// It offers VIRTIO_RPMSG_F_NS and nothing else. An OpenAMP host accepts every bit that it is offered, and has only in its device role
    /// what RING_EVENT_IDX and RING_INDIRECT_DESC need.
    /// </remarks>
    public static byte[] BuildTable() => new ResourceTableBuilder()
        .AddVdev(VirtioDeviceId.Rpmsg, (uint)RpmsgFeatures.NameService,
        [
            new VdevVring(Vring0Offset, AlignBytes, QueueSize, NotifyId: 1),
            new VdevVring(Vring1Offset, AlignBytes, QueueSize, NotifyId: 2),
        ])
        .Build();

    /// <summary>An image that holds the table alone: booting it is what a server does that is the host.</summary>
    public static byte[] BuildImage()
    {
        byte[] table = BuildTable();
        return new ElfBuilder().AddSegment(new DeviceAddress(TableOffset), table)
            .AddSectionOfSegment(".resource_table", segment: 0, offset: 0, table.Length).Build();
    }

    /// <summary>The notifyid that a vring's entry has now.</summary>
    /// <param name="memory">The shared memory.</param>
    /// <param name="index">0 or 1.</param>
    public static uint NotifyIdOf(ReadOnlySpan<byte> memory, int index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(memory[(VdevOffset + VdevEntry.VringOffset(index) + VdevVring.NotifyIdOffset)..]);
}
