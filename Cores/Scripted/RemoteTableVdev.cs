using System;
using System.Buffers.Binary;
using System.Threading;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>A vdev entry of the loaded table, or a device that the core has without one.</summary>
/// <remarks>What the host writes is read anew at each call; what the image says was read once.</remarks>
public sealed class RemoteTableVdev : IRemoteVdev
{
    private static readonly NameSeries s_tableEntries = new("vdev", " table entry");
    private static readonly NameSeries s_driverOks = new("vdev", " DRIVER_OK");

    private readonly RemoteDevice? _device; // another transport's; null for an entry of the table
    private readonly RemoteMemory? _memory;
    private readonly DeviceAddress _payload;
    private readonly VdevEntry _entry;
    private readonly SharedState? _shared;   // the host has one of the same name
    private readonly SharedState? _driverOk; // so has this, for the one bit of the status: most changes of it change nothing for us

    internal RemoteTableVdev(Scheduler scheduler, RemoteMemory memory, DeviceAddress payload, int index, in VdevEntry entry)
    {
        _memory = memory;
        _payload = payload;
        _entry = entry;
        Index = index;
        _shared = SharedState.Of(scheduler, s_tableEntries[index]);
        _driverOk = SharedState.Of(scheduler, s_driverOks[index]);
    }

    internal RemoteTableVdev(RemoteDevice device, int index)
    {
        _device = device;
        Index = index;
    }

    /// <summary>Position among the vdevs of the table.</summary>
    public int Index { get; }

    /// <summary>Virtio device id: 1 net, 7 rpmsg.</summary>
    public uint Id => _device?.Id ?? _entry.Id;

    /// <summary>What the image offers: dfeatures; the low half of what a device of another transport offers.</summary>
    public uint DeviceFeatures => _device is null ? _entry.DeviceFeatures : (uint)_device.Features;

    /// <summary>Its rings, 0 to 2.</summary>
    public int VringCount => _device is null ? _entry.VringCount : VdevEntry.MaxVrings;

    /// <summary>Whether messages can pass here: the device is rpmsg and has both rings.</summary>
    public bool IsRpmsg => Id == VirtioDeviceId.Rpmsg && VringCount == VdevEntry.MaxVrings;

    /// <summary>Whether frames can pass here: the device is a network card and has both rings.</summary>
    public bool IsNet => Id == VirtioDeviceId.Net && VringCount == VdevEntry.MaxVrings;

    /// <summary>Whether bytes can pass here: the device is a console or an rproc-serial port and has both rings.</summary>
    public bool IsByteStream => Id is VirtioDeviceId.Console or VirtioDeviceId.RprocSerial && VringCount == VdevEntry.MaxVrings;

    /// <inheritdoc/>
    public byte Status => _device is not null ? _device.Vdev.Status :
        TryField(VdevEntry.StatusOffset, 1, out Span<byte> bytes) ? Volatile.Read(ref bytes[0]) : (byte)0;

    /// <inheritdoc/>
    public bool IsDriverOk
    {
        get
        {
            if (_device is not null) return _device.Vdev.IsDriverOk;
            _driverOk!.Read();
            return _memory!.TrySlice(_payload + (ulong)VdevEntry.StatusOffset, 1, out Span<byte> bytes) &&
                (Volatile.Read(ref bytes[0]) & (byte)VirtioStatus.DriverOk) != 0;
        }
    }

    /// <inheritdoc/>
    public long ResetCount => _device?.Vdev.ResetCount ?? 0;

    /// <inheritdoc/>
    public ulong DriverFeatures => _device is not null ? _device.Vdev.DriverFeatures :
        TryField(VdevEntry.GuestFeaturesOffset, 4, out Span<byte> bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    /// <inheritdoc/>
    /// <remarks>A ring that the entry lacks, or that cannot be read, is at Any and has no descriptors.</remarks>
    public RemoteVring GetVring(int index)
    {
        if (_device is not null) return _device.Vdev.GetVring(index);
        if ((uint)index >= (uint)VringCount || !TryField(VdevEntry.VringOffset(index), VdevVring.SizeBytes, out Span<byte> bytes))
            return new RemoteVring(DeviceAddress.Any, 0, 0, -1);
        VdevVring vring = VdevVring.Read(bytes, Firmware.Elf.ElfByteOrder.Little);
        return new RemoteVring(new DeviceAddress(vring.Da), vring.AlignBytes, vring.Num, unchecked((int)vring.NotifyId));
    }

    /// <inheritdoc/>
    public bool TryReadConfig(int offset, Span<byte> destination)
    {
        if (_device is not null) return _device.Vdev.TryReadConfig(offset, destination);
        if (!TryConfig(offset, destination.Length, out Span<byte> bytes)) return false;
        bytes.CopyTo(destination);
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>The host is not told: it sees it when it reads the next time.</remarks>
    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        if (_device is not null) return _device.Vdev.TryWriteConfig(offset, source);
        if (!TryConfig(offset, source.Length, out Span<byte> bytes)) return false;
        source.CopyTo(bytes);
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>The host adds bits to the same byte, and one of two writes at the same time is lost, as on silicon.</remarks>
    public bool SetNeedsReset()
    {
        if (_device is not null) return _device.Vdev.SetNeedsReset();
        if (!TryField(VdevEntry.StatusOffset, 1, out Span<byte> bytes)) return false;
        Volatile.Write(ref bytes[0], (byte)(Volatile.Read(ref bytes[0]) | (byte)VirtioStatus.NeedsReset));
        return true;
    }

    /// <summary>The entry as it stands now.</summary>
    public VdevSnapshot TakeSnapshot() => new(Index, Id, Status, (uint)DriverFeatures, GetVring(0), GetVring(1));

    private bool TryConfig(int offset, int lengthBytes, out Span<byte> bytes)
    {
        bytes = default;
        return offset >= 0 && (uint)offset + (ulong)(uint)lengthBytes <= _entry.ConfigLengthBytes &&
            TryField(_entry.ConfigOffset + offset, lengthBytes, out bytes);
    }

    private bool TryField(int offset, int lengthBytes, out Span<byte> bytes)
    {
        _shared!.Read();
        return _memory!.TrySlice(_payload + (ulong)offset, (ulong)lengthBytes, out bytes);
    }
}
