using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>
/// Memory that the processor and the host share: asked for by the table, by a vring, or registered by the platform driver.
/// </summary>
/// <remarks>Source: include/linux/remoteproc.h, struct rproc_mem_entry.</remarks>
public sealed class Carveout
{
    /// <summary>Describes a carveout; it has no memory yet.</summary>
    /// <param name="name">Its name: <c>vdev0vring0</c>, or the table's.</param>
    /// <param name="deviceAddress">Where the firmware wants it; Any for anywhere.</param>
    /// <param name="lengthBytes">Size.</param>
    /// <param name="flags">IOMMU protection flags, as in the table.</param>
    public Carveout(string name, DeviceAddress deviceAddress, long lengthBytes, uint flags = 0)
    {
        Name = name;
        DeviceAddress = deviceAddress;
        LengthBytes = lengthBytes;
        Flags = flags;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Where the processor finds it; Any until it is allocated, when anywhere would do.</summary>
    public DeviceAddress DeviceAddress { get; internal set; }

    /// <summary>Size, bytes.</summary>
    public long LengthBytes { get; }

    /// <summary>IOMMU protection flags.</summary>
    public uint Flags { get; internal set; }

    /// <summary>Payload offset of the table entry that is to be told where it is; null for none. Kernel: rsc_offset.</summary>
    public int? TableOffset { get; internal set; }

    /// <summary>Where it is on the bus; meaningful while <see cref="IsAllocated"/>. Kernel: dma.</summary>
    public PhysicalAddress PhysicalAddress { get; internal set; }

    /// <summary>The host's view; empty until allocated. Kernel: va.</summary>
    public Memory<byte> Memory { get; internal set; }

    /// <summary>Whether it has memory.</summary>
    public bool IsAllocated => !Memory.IsEmpty;

    /// <summary>Memory that came with it from the platform (reserved memory): not ours to give back.</summary>
    public bool IsPlatformMemory { get; private init; }

    internal MemoryBlock? Block { get; set; }

    /// <summary>A carveout over reserved memory of the platform. Kernel: rproc_of_resm_mem_entry_init, rproc_mem_entry_init.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="deviceAddress">Where the processor finds it.</param>
    /// <param name="physicalAddress">Where it is on the bus.</param>
    /// <param name="memory">The host's view.</param>
    public static Carveout OfReservedMemory(
        string name, DeviceAddress deviceAddress, PhysicalAddress physicalAddress, Memory<byte> memory) =>
        new(name, deviceAddress, memory.Length) { PhysicalAddress = physicalAddress, Memory = memory, IsPlatformMemory = true };

    /// <summary>Whether a range that was asked for lies in this carveout.</summary>
    /// <param name="deviceAddress">Asked for; Any for anywhere.</param>
    /// <param name="lengthBytes">Asked for.</param>
    /// <returns>Ok or EINVAL.</returns>
    /// <remarks>Kernel: rproc_check_carveout_da, the four rules in its order.</remarks>
    public Errno CheckFit(DeviceAddress deviceAddress, long lengthBytes)
    {
        if (lengthBytes > LengthBytes) return Errno.EINVAL;
        if (deviceAddress.IsAny) return Errno.Ok;
        if (DeviceAddress.IsAny || deviceAddress.Value < DeviceAddress.Value) return Errno.EINVAL;
        return deviceAddress.Value - DeviceAddress.Value + (ulong)lengthBytes > (ulong)LengthBytes ? Errno.EINVAL : Errno.Ok;
    }

    /// <summary>Gives its memory back; what came from the platform stays.</summary>
    /// <param name="by">The kernel function that does.</param>
    internal void Release(string by)
    {
        if (Block is { } block) block.Bank.Free(block, by);
        Block = null;
        if (!IsPlatformMemory) Memory = default;
    }

    /// <summary>Name, address, size.</summary>
    public override string ToString() => $"{Name} da {DeviceAddress} len 0x{LengthBytes:x}";
}
