using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>
/// A processor's carveouts: found by name, allocated in one go before the processor starts, given back in one go after it stopped.
/// </summary>
/// <remarks>
/// Source: remoteproc_core.c, rproc_alloc_registered_carveouts, rproc_alloc_carveout, rproc_release_carveout,
/// rproc_find_carveout_by_name.
/// </remarks>
public sealed class CarveoutList
{
    private readonly Rproc _rproc;
    private readonly List<Carveout> _list = [];

    internal CarveoutList(Rproc rproc) => _rproc = rproc;

    /// <summary>The carveouts, in order of registration.</summary>
    public IReadOnlyList<Carveout> Items => _list;

    /// <summary>Registers a carveout. Kernel: rproc_add_carveout.</summary>
    public void Add(Carveout carveout) => _list.Add(carveout);

    /// <summary>The first carveout of a name; null when there is none.</summary>
    public Carveout? Find(string name)
    {
        foreach (Carveout carveout in _list)
        {
            if (string.Equals(carveout.Name, name, StringComparison.Ordinal)) return carveout;
        }

        return null;
    }

    /// <summary>The host's view of a range of device addresses; null when no allocated carveout holds all of it.</summary>
    /// <remarks>Kernel: the second half of rproc_da_to_va; the first match in list order wins.</remarks>
    public Memory<byte>? DaToVa(DeviceAddress address, ulong lengthBytes)
    {
        foreach (Carveout carveout in _list)
        {
            if (!carveout.IsAllocated || address.Value < carveout.DeviceAddress.Value) continue;
            ulong offset = address.Value - carveout.DeviceAddress.Value;
            if (offset > (ulong)carveout.LengthBytes || lengthBytes > (ulong)carveout.LengthBytes - offset) continue;
            return carveout.Memory.Slice((int)offset, (int)lengthBytes);
        }

        return null;
    }

    /// <summary>
    /// Gives every carveout its memory and tells the table. Whatever fails, it is -ENOMEM; what was had stays for the clean-up.
    /// </summary>
    internal Errno Allocate()
    {
        foreach (Carveout carveout in _list)
        {
            if (!carveout.IsAllocated && AllocateOne(carveout) != Errno.Ok)
            {
                _rproc.Log.Error(_rproc, $"Failed to allocate {carveout}"); // the kernel says only "can't allocate rproc mem entry"
                return Errno.ENOMEM;
            }

            if (carveout.TableOffset is { } offset)
            {
                ResourceTableWriteBack.SetCarveout(_rproc.Table.InEffect.Span, offset,
                    (uint)carveout.DeviceAddress.Value, (uint)carveout.PhysicalAddress.Value, (uint)carveout.LengthBytes);
            }
        }

        return Errno.Ok;
    }

    /// <summary>Frees everything in list order and forgets it, also what the platform registered.</summary>
    internal void Release()
    {
        foreach (Carveout carveout in _list) carveout.Release("rproc_resource_cleanup");
        _list.Clear();
    }

    /// <summary>Gives one carveout, of this list or not, its memory. Kernel: rproc_alloc_carveout.</summary>
    internal Errno AllocateOne(Carveout carveout)
    {
        Errno errno = _rproc.Kernel.Faults.At("dma_alloc_coherent");
        if (errno != Errno.Ok) return errno;
        if (carveout.LengthBytes == 0) return Errno.ENOMEM; // as dma_alloc_coherent of nothing
        bool mustBeThere = !carveout.DeviceAddress.IsAny && _rproc.Iommu is null;
        MemoryBlock? block = mustBeThere ? AllocateAtDeviceAddress(carveout) : null;
        if (block is null && mustBeThere && _rproc.Era.FixedAddressMismatch == FixedAddressMismatch.Refuses)
        {
            string request = $"device address request {carveout.DeviceAddress}, len 0x{carveout.LengthBytes:x}";
            _rproc.Log.Error(_rproc, $"{carveout.Name}: no free memory at {request}");
            return Errno.ENOMEM;
        }

        block ??= _rproc.DmaBank.Allocate(carveout.Name, carveout.LengthBytes);
        if (block is null)
        {
            _rproc.Log.Error(_rproc, $"failed to allocate dma memory: len 0x{carveout.LengthBytes:x}");
            return Errno.ENOMEM;
        }

        carveout.Block = block;
        carveout.PhysicalAddress = block.Address;
        carveout.Memory = block.Memory[..(int)carveout.LengthBytes];
        if (carveout.DeviceAddress.IsAny)
        {
            if (block.Address.Value > uint.MaxValue) _rproc.Log.Warning(_rproc, "DMA address cast in 32bit to fit resource table format");
            carveout.DeviceAddress = new DeviceAddress((uint)block.Address.Value);
            return Errno.Ok;
        }

        if (_rproc.Iommu is not null)
            return _rproc.Mappings.Map(carveout.Name, carveout.DeviceAddress, carveout.PhysicalAddress, (ulong)carveout.LengthBytes);
        if (carveout.DeviceAddress.Value != block.Address.Value && _rproc.Era.FixedAddressMismatch != FixedAddressMismatch.PassesUnnoticed)
            _rproc.Log.Warning(_rproc, "Allocated carveout doesn't fit device address request");
        return Errno.Ok;
    }

    // Without an IOMMU a device address is what the platform's windows, or the bus itself, make of it.
    private MemoryBlock? AllocateAtDeviceAddress(Carveout carveout)
    {
        RemoteMemory memory = _rproc.RemoteMemory;
        if (!memory.TryTranslate(carveout.DeviceAddress, (ulong)carveout.LengthBytes, out PhysicalAddress physical)) return null;
        MemoryBank? bank = memory.Physical.Find(physical, (ulong)carveout.LengthBytes);
        return bank?.AllocateAt(carveout.Name, physical, carveout.LengthBytes);
    }
}
