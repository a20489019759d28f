using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Cores.Tests;

/// <summary>A bank of memory, a table with rpmsg vdevs, two doorbells and a core: what a core needs of a machine, and no more.</summary>
/// <remarks>
/// <code>
/// 0x10000000  table          0x10001000  trace buffer, 256 bytes
/// 0x10010000  vdev 0: ring 0, ring 1 at +0x4000, buffers at +0x8000; each further vdev 0x20000 on
/// </code>
/// Notifyids are 2v for ring 0 and 2v + 1 for ring 1 of vdev v. Everything is published from the start, as in the Emu era.
/// </remarks>
internal sealed class TestBoard : IDisposable
{
    public const uint Base = 0x1000_0000;
    public const uint TraceAddress = Base + 0x1000;
    public const int TraceBytes = 256;
    public const uint RpmsgId = 7;

    private readonly SharedMemory _shared;
    private readonly int _tableBytes;

    public TestBoard(Scheduler scheduler, RemoteProgram program, int vdevs = 1, uint queueSize = 16, bool restartsItself = false,
        uint features = 1)
    {
        Scheduler = scheduler;
        _shared = SharedMemory.Create("cores-test", 0x40_0000);
        PhysicalMemory physical = new();
        physical.Add(new MemoryBank("ddr", new PhysicalAddress(Base), _shared));
        Memory = new RemoteMemory(physical, new AddressMap(), iommu: null, reachesBus: true);
        ResourceTableBuilder builder = new ResourceTableBuilder().AddTrace("trace", TraceAddress, TraceBytes);
        for (uint v = 0; v < vdevs; v++)
        {
            builder = builder.AddVdev(RpmsgId, features,
                [new VdevVring(RingAddress(v, 0), 16, queueSize, 2 * v), new VdevVring(RingAddress(v, 1), 16, queueSize, (2 * v) + 1)]);
        }

        byte[] table = builder.Build();
        _tableBytes = table.Length;
        table.CopyTo(Bytes(Base, table.Length));
        HostDoorbell = new Doorbell(scheduler, "host doorbell", 1025);
        CrashLine = new Doorbell(scheduler, "crash line", 4);
        Core = new ScriptedCore(scheduler, "mcu", program) { RestartsItself = restartsItself };
        Start = new CoreStart(0x41, Memory, new DeviceAddress(Base), _tableBytes, HostDoorbell, CrashLine);
        Drivers = new RpmsgHost[vdevs];
        for (int v = 0; v < vdevs; v++) Drivers[v] = new RpmsgHost(this, v, queueSize);
    }

    public Scheduler Scheduler { get; }

    public RemoteMemory Memory { get; }

    public ScriptedCore Core { get; }

    public CoreStart Start { get; }

    public Doorbell HostDoorbell { get; }

    public Doorbell CrashLine { get; }

    public RpmsgHost[] Drivers { get; }

    public string TraceText
    {
        get
        {
            Span<byte> bytes = Bytes(TraceAddress, TraceBytes);
            return Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)0)]);
        }
    }

    public static uint RingAddress(uint vdev, uint ring) => Base + 0x1_0000 + (vdev * 0x2_0000) + (ring * 0x4000);

    public static uint BufferAddress(uint vdev) => Base + 0x1_0000 + (vdev * 0x2_0000) + 0x8000;

    public Span<byte> Bytes(uint address, int lengthBytes) => _shared.Slice(address - Base, lengthBytes);

    /// <summary>The vdev entry's payload in the loaded table.</summary>
    public Span<byte> VdevPayload(int vdev)
    {
        Span<byte> table = Bytes(Base, _tableBytes);
        int offset = (int)MemoryMarshal.Read<uint>(table[ResourceTableHeader.EntryOffsetOffset(vdev + 1)..]); // entry 0 is the trace
        return table[(offset + ResourceTableHeader.EntryHeaderBytes)..];
    }

    public void SetStatus(int vdev, byte status) => Volatile.Write(ref VdevPayload(vdev)[VdevEntry.StatusOffset], status);

    public void SetFeatures(int vdev, uint features) =>
        BinaryPrimitives.WriteUInt32LittleEndian(VdevPayload(vdev)[VdevEntry.GuestFeaturesOffset..], features);

    public void SetRingAddress(int vdev, int ring, uint address) =>
        BinaryPrimitives.WriteUInt32LittleEndian(VdevPayload(vdev)[(VdevEntry.VringOffset(ring) + VdevVring.DaOffset)..], address);

    public void Dispose() => ((IDisposable)_shared).Dispose();
}
