using System.Threading.Tasks;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Vdevs;

namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>What the core does with each entry of a table, in table order.</summary>
/// <remarks>
/// Source: remoteproc_core.c, rproc_handle_resources (v6.12: rsc_table_for_each_entry, rproc_handle_rsc_entry) and its handlers.
/// </remarks>
internal static class ResourceHandlers
{
    /// <summary>Handles the entries of the table in effect that belong to a pass; stops at the first error.</summary>
    /// <returns>Ok, also without a table; or the errno that fails the boot. What was registered stays for the clean-up.</returns>
    /// <remarks>A private copy is judged and used: an attached processor may write to its table while we read it.</remarks>
    internal static async ValueTask<Errno> HandleResourcesAsync(Rproc rproc, ResourcePass pass)
    {
        if (!rproc.Table.HasTable) return Errno.Ok;
        byte[] table = rproc.Table.InEffect.ToArray();
        ResourceTableStatus status = Open(table, out int count);
        for (int i = 0; status == ResourceTableStatus.Ok && i < count; i++)
        {
            status = Reader(table).TryGetEntry(i, out ResourceEntry entry);
            if (status != ResourceTableStatus.Ok) break;
            bool isVdev = entry.Type == ResourceType.Vdev;
            if (pass == (isVdev ? ResourcePass.Others : ResourcePass.Vdevs)) continue;
            Errno errno = isVdev ? await HandleVdevAsync(rproc, table, entry) : HandleOther(rproc, table, entry);
            if (errno != Errno.Ok) return errno;
        }

        if (status == ResourceTableStatus.Ok) return Errno.Ok;
        rproc.Log.Error(rproc, $"rsc table: {status.Explanation()} (rule {status.RuleId()})");
        return status.ToErrno();
    }

    private static ResourceTableStatus Open(byte[] table, out int count)
    {
        ResourceTableStatus status = ResourceTableReader.TryOpen(table, out ResourceTableReader reader);
        count = status == ResourceTableStatus.Ok ? reader.EntryCount : 0;
        return status;
    }

    private static Errno HandleOther(Rproc rproc, byte[] table, in ResourceEntry entry)
    {
        if (entry.Type.IsVendor()) return HandleVendor(rproc, (int)entry.Type, entry);
        switch (entry.Type)
        {
            case ResourceType.Carveout: return HandleCarveout(rproc, table, entry);
            case ResourceType.Devmem: return HandleDevmem(rproc, table, entry);
            case ResourceType.Trace: return HandleTrace(rproc, table, entry);
            default:
                rproc.Log.Warning(rproc, $"unsupported resource {(uint)entry.Type}");
                return Errno.Ok;
        }
    }

    private static Errno HandleVendor(Rproc rproc, int type, in ResourceEntry entry)
    {
        RscHandled handled = rproc.Ops.HandleResource?.Invoke(rproc, type, entry.PayloadOffset)
            ?? new RscHandled(Errno.Ok, IsIgnored: true);
        if (handled.Errno == Errno.Ok && handled.IsIgnored) rproc.Log.Warning(rproc, $"unsupported vendor resource {type}");
        return handled.Errno;
    }

    /// <remarks>Kernel: rproc_handle_carveout.</remarks>
    private static Errno HandleCarveout(Rproc rproc, byte[] table, in ResourceEntry entry)
    {
        ResourceTableStatus status = Reader(table).TryReadCarveout(entry, out CarveoutEntry carveout);
        if (status != ResourceTableStatus.Ok) return Refuse(rproc, "carveout", status);
        DeviceAddress da = new(carveout.Da);
        string name = carveout.Name.ToString();
        if (rproc.Carveouts.Find(name) is { } registered)
        {
            if (registered.TableOffset is not null)
            {
                rproc.Log.Error(rproc, $"Carveout {name} already associated to resource table");
                return Errno.ENOMEM;
            }

            if (registered.CheckFit(da, carveout.LengthBytes) != Errno.Ok)
            {
                rproc.Log.Error(rproc, $"Carveout {name}: da {da} len 0x{carveout.LengthBytes:x} doesn't fit {registered}");
                return Errno.ENOMEM;
            }

            registered.TableOffset = entry.PayloadOffset;
            registered.Flags = carveout.Flags;
            return Errno.Ok;
        }

        Errno errno = rproc.Kernel.Faults.At("rproc_mem_entry_init");
        if (errno != Errno.Ok) return Errno.ENOMEM;
        rproc.Carveouts.Add(new Carveout(name, da, carveout.LengthBytes, carveout.Flags) { TableOffset = entry.PayloadOffset });
        return Errno.Ok;
    }

    /// <remarks>Kernel: rproc_handle_devmem; without an IOMMU it refuses before it looks at the entry.</remarks>
    private static Errno HandleDevmem(Rproc rproc, byte[] table, in ResourceEntry entry)
    {
        if (rproc.Iommu is null)
        {
            rproc.Log.Error(rproc, "devmem entry: the processor has no IOMMU");
            return Errno.EINVAL;
        }

        ResourceTableStatus status = Reader(table).TryReadDevmem(entry, out DevmemEntry devmem);
        if (status != ResourceTableStatus.Ok) return Refuse(rproc, "devmem", status);
        return rproc.Mappings.Map(devmem.Name.ToString(), new DeviceAddress(devmem.Da), new PhysicalAddress(devmem.Pa), devmem.LengthBytes);
    }

    /// <remarks>Kernel: rproc_handle_trace.</remarks>
    private static Errno HandleTrace(Rproc rproc, byte[] table, in ResourceEntry entry)
    {
        ResourceTableStatus status = Reader(table).TryReadTrace(entry, out TraceEntry trace);
        if (status != ResourceTableStatus.Ok) return Refuse(rproc, "trace", status);
        Errno errno = rproc.Kernel.Faults.At("rproc_handle_trace");
        if (errno != Errno.Ok) return Errno.ENOMEM;
        rproc.AddTrace(new DeviceAddress(trace.Da), trace.LengthBytes, trace.Name.ToString());
        return Errno.Ok;
    }

    /// <remarks>
    /// Kernel: rproc_handle_vdev. Every vring is judged and registered here, with the other resources and before the processor starts
    /// (a863af5d4193); the carveout allocator gives them memory (c6aed238b7a9).
    /// </remarks>
    private static async ValueTask<Errno> HandleVdevAsync(Rproc rproc, byte[] table, ResourceEntry entry)
    {
        ResourceTableStatus status = Reader(table).TryReadVdev(entry, out VdevEntry vdev);
        if (status != ResourceTableStatus.Ok) return Refuse(rproc, "vdev", status);
        VdevVring[] vrings = new VdevVring[vdev.VringCount];
        Errno vringErrno = Errno.Ok;
        for (int i = 0; i < vrings.Length && vringErrno == Errno.Ok; i++)
        {
            status = Reader(table).TryReadVring(entry, vdev, i, out vrings[i]);
            if (status != ResourceTableStatus.Ok) vringErrno = Refuse(rproc, $"vdev vring{i}", status);
        }

        return await RprocVdev.RegisterAsync(rproc, entry.PayloadOffset, vdev, vrings, vringErrno);
    }

    private static ResourceTableReader Reader(byte[] table)
    {
        ResourceTableStatus status = ResourceTableReader.TryOpen(table, out ResourceTableReader reader);
        Invariant.Check(status == ResourceTableStatus.Ok, "the copy that was opened once opens again");
        return reader;
    }

    private static Errno Refuse(Rproc rproc, string what, ResourceTableStatus status)
    {
        rproc.Log.Error(rproc, $"{what} rsc: {status.Explanation()} (rule {status.RuleId()})");
        return status.ToErrno();
    }
}
