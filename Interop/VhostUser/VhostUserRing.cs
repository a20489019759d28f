using System;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>One ring of a back end, as the front end has set it up by now.</summary>
internal sealed class VhostUserRing(int index) : IDisposable
{
    private const int AlignBytesMax = 1 << 16;

    private ulong _table, _avail, _used; // in the front end
    private bool _hasAddress;

    /// <summary>Its number, and what its doorbells carry.</summary>
    public int Index { get; } = index;

    /// <summary>Descriptors; 0 before the front end has said so.</summary>
    public uint Size { get; set; }

    /// <summary>Whether the front end lets it run.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Whether it goes on where its used index is; else it is new and begins at 0.</summary>
    public bool Resumes { get; set; }

    /// <summary>Where kicks come from; null for none, or in band.</summary>
    public NotifyDescriptor? Kick { get; set; }

    /// <summary>Where calls go; null for none, or in band.</summary>
    public NotifyDescriptor? Call { get; set; }

    /// <summary>Where errors would go.</summary>
    public NotifyDescriptor? Error { get; set; }

    /// <summary>Whether it has all that it needs, but for the memory under it.</summary>
    public bool IsSetUp => Size != 0 && _hasAddress;

    /// <summary>Takes the three addresses.</summary>
    /// <returns>None or BadRingAddress, and nothing has changed.</returns>
    public VhostUserFault SetAddress(GuestMemory memory, ulong table, ulong avail, ulong used)
    {
        (ulong, ulong, ulong, bool) before = (_table, _avail, _used, _hasAddress);
        (_table, _avail, _used, _hasAddress) = (table, avail, used, true);
        if (Size == 0 || TryGetLayout(memory, out _, out _)) return VhostUserFault.None; // without a size, judged when it is used
        (_table, _avail, _used, _hasAddress) = before;
        return VhostUserFault.BadRingAddress;
    }

    /// <summary>Forgets where it is: a ring that was stopped is set up anew.</summary>
    public void ForgetAddress() => _hasAddress = false;

    /// <summary>The ring as a device half asks for it. Looked up now.</summary>
    public RemoteVring Describe(GuestMemory memory)
    {
        if (!IsSetUp || !TryGetLayout(memory, out DeviceAddress address, out uint alignBytes))
            return new RemoteVring(DeviceAddress.Any, 0, 0, Index);
        return new RemoteVring(address, alignBytes, Size, Index) { Position = Resumes ? ReadUsedIndex(memory) : (ushort)0 };
    }

    /// <summary>What its used index says, that only the device half writes; 0 where it cannot be read.</summary>
    public ushort ReadUsedIndex(GuestMemory memory) => ReadWord(memory, _used);

    /// <summary>What its available index says; 0 where it cannot be read.</summary>
    public ushort ReadAvailIndex(GuestMemory memory) => ReadWord(memory, _avail);

    /// <summary>Its parts, relative to the first, for a trace.</summary>
    public override string ToString() => $"avail +0x{_avail - _table:x} used +0x{_used - _table:x}";

    /// <inheritdoc/>
    public void Dispose()
    {
        Kick?.Dispose();
        Call?.Dispose();
        Error?.Dispose();
        Kick = Call = Error = null;
    }

    private ushort ReadWord(GuestMemory memory, ulong part) =>
        IsSetUp && memory.TryTranslate(part, 4, out DeviceAddress at) && memory.Remote.TrySlice(at, 4, out Span<byte> bytes)
            ? (ushort)(bytes[2] | (bytes[3] << 8))
            : (ushort)0;

    /// <summary>Three parts that lie as the legacy layout has them for some alignment: all that a front end of Linux makes.</summary>
    private bool TryGetLayout(GuestMemory memory, out DeviceAddress address, out uint alignBytes)
    {
        address = DeviceAddress.Any;
        alignBytes = 0;
        if (_table % VringDescriptor.SizeBytes != 0) return false;
        for (uint align = SplitQueueLayout.AlignBytesMin; align <= AlignBytesMax; align *= 2)
        {
            if (SplitQueueLayout.TryCreate(Size, align, int.MaxValue, out SplitQueueLayout layout) != RingStatus.Ok) return false;
            if (_avail - _table != (ulong)layout.AvailOffset || _used - _table != (ulong)layout.UsedOffset) continue;
            alignBytes = align;
            return memory.TryTranslate(_table, (ulong)layout.SizeBytes, out address);
        }

        return false;
    }
}
