using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>The resource table in the remote's memory, as its firmware finds it at the first instruction.</summary>
/// <remarks>
/// The host fills the table in and may do so wrongly, or put it elsewhere: every read is checked. An entry that breaks a rule is stepped
/// over; entries are found by their order among those of their type, as firmware finds them.
/// </remarks>
public sealed class RemoteTable
{
    private readonly List<RemoteTableVdev> _vdevs = [];
    private readonly List<CarveoutEntry> _carveouts = [];
    private readonly List<TraceEntry> _traces = [];

    private readonly Scheduler? _scheduler;

    internal RemoteTable(Scheduler scheduler, RemoteMemory memory, DeviceAddress address, int lengthBytes)
    {
        _scheduler = scheduler;
        Status = ResourceTableStatus.NoSection;
        if (address.IsAny || lengthBytes <= 0) return;
        if (!memory.TrySlice(address, (ulong)lengthBytes, out Span<byte> bytes)) return;
        Status = ResourceTableReader.TryOpen(bytes, out ResourceTableReader table);
        for (int i = 0; i < table.EntryCount; i++)
        {
            if (table.TryGetEntry(i, out ResourceEntry entry) == ResourceTableStatus.Ok) Add(memory, address, table, entry);
        }
    }

    /// <summary>No table, but devices all the same.</summary>
    internal RemoteTable(IReadOnlyList<RemoteDevice> devices)
    {
        Status = ResourceTableStatus.NoSection;
        foreach (RemoteDevice device in devices) _vdevs.Add(new RemoteTableVdev(device, _vdevs.Count));
    }

    /// <summary>Ok; NoSection when there is no table where the firmware looks for it; else what is wrong with its header.</summary>
    public ResourceTableStatus Status { get; }

    /// <summary>The vdevs.</summary>
    public IReadOnlyList<RemoteTableVdev> Vdevs => _vdevs;

    /// <summary>The carveouts, with the addresses that the host had filled in by the first instruction.</summary>
    public IReadOnlyList<CarveoutEntry> Carveouts => _carveouts;

    /// <summary>The trace buffers.</summary>
    public IReadOnlyList<TraceEntry> Traces => _traces;

    private void Add(RemoteMemory memory, DeviceAddress address, ResourceTableReader table, in ResourceEntry entry)
    {
        switch (entry.Type)
        {
            case ResourceType.Vdev when table.TryReadVdev(entry, out VdevEntry vdev) == ResourceTableStatus.Ok:
                _vdevs.Add(new RemoteTableVdev(_scheduler!, memory, address + (ulong)entry.PayloadOffset, _vdevs.Count, vdev));
                break;
            case ResourceType.Carveout when table.TryReadCarveout(entry, out CarveoutEntry carveout) == ResourceTableStatus.Ok:
                _carveouts.Add(carveout);
                break;
            case ResourceType.Trace when table.TryReadTrace(entry, out TraceEntry trace) == ResourceTableStatus.Ok:
                _traces.Add(trace);
                break;
            default: // not ours
                break;
        }
    }
}
