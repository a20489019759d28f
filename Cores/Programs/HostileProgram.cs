using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Echo on every rpmsg vdev but one: there it announces itself like anybody, breaks the protocol once, and falls silent.</summary>
/// <remarks>It does so to each driver that comes anew. The host should stop the ring, say why, and keep the other vdevs.</remarks>
/// <param name="misdeed">What it does.</param>
/// <param name="vdevIndex">Where: position among the vdevs of the table.</param>
public sealed class HostileProgram(Misdeed misdeed, int vdevIndex = 0) : RemoteProgram
{
    private const byte DriverOk = 4;
    private const uint Address = 1024;

    /// <inheritdoc/>
    public override string Name => "hostile";

    /// <summary>Times that it broke the protocol.</summary>
    public long MisdeedCount { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        RemoteTableVdev? victim = null;
        List<EchoService> services = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (vdev.Index == vdevIndex && vdev.IsRpmsg) victim = vdev;
            else if (vdev.IsRpmsg) services.Add(new EchoService(context.OpenRpmsg(vdev), new RpmsgAddress(Address + (uint)vdev.Index)));
        }

        context.Trace.WriteLine($"hostile: boot, {misdeed} on vdev {vdevIndex}");
        DeviceAddress? usedIndex = null; // of the ring that was broken; null while none is
        while (true)
        {
            if (victim is null || (victim.Status & DriverOk) == 0) usedIndex = null;
            else if (usedIndex is not { } at || IsZero(context.Access(at, sizeof(ushort)))) usedIndex = Misbehave(context, victim);

            bool moreWaits = context.PollRpmsg();
            foreach (EchoService service in services) service.AnswerWaiting();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(usedIndex is null ? RemoteContext.DriverPollNs : RemoteContext.ResetPollNs); // then look
        }
    }

    /// <inheritdoc/>
    public override void Rewind() => MisdeedCount = 0;

    /// <summary>A used index is 0 again when a driver has made the ring anew.</summary>
    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    /// <returns>Where the used index of the broken ring is; null when nothing was done, for the host has lent too few buffers.</returns>
    private DeviceAddress? Misbehave(RemoteContext context, RemoteTableVdev vdev)
    {
        RemoteVring vring = vdev.GetVring(0);
        RingStatus status = SplitQueueLayout.TryCreate(vring.QueueSize, vring.AlignBytes, int.MaxValue, out SplitQueueLayout layout);
        if (status != RingStatus.Ok) return null;
        Span<byte> region = context.Access(vring.Address, layout.SizeBytes);
        SplitQueueDevice<HostAccess> queue = new(region, new DeviceState(layout));

        Span<byte> announcement = stackalloc byte[NameServiceMessage.SizeBytes];
        NameServiceMessage create = new(new RpmsgName(EchoService.ServiceName), new RpmsgAddress(Address), NameServiceFlags.Create);
        MemoryMarshal.Write(announcement, in create);
        VringSegment segment = default;
        Span<VringSegment> scratch = new(ref segment);
        if (queue.TryTake(scratch, out DescriptorChain first) != RingStatus.Ok) return null;
        uint written = WriteMessage(context, segment, announcement, announcement.Length);
        queue.Return(first.Head, written);

        if (queue.TryTake(scratch, out DescriptorChain second) != RingStatus.Ok) return null;
        ReadOnlySpan<byte> payload = misdeed == Misdeed.NameServiceMalformed ? announcement[..^1] : announcement;
        written = WriteMessage(context, segment, payload, misdeed == Misdeed.HeaderLengthLie ? 600 : payload.Length);
        queue.Return(second.Head, misdeed == Misdeed.UsedLengthLie ? uint.MaxValue : written);
        if (misdeed == Misdeed.UsedIdOutOfRange) // our half of the ring does not lie: the second entry is written over
        {
            VringUsedElement lie = new((uint)layout.QueueSize, written);
            MemoryMarshal.Write(region[(layout.UsedOffset + 4 + VringUsedElement.SizeBytes)..], in lie);
        }

        queue.Publish();
        if (misdeed == Misdeed.IndexJump)
        {
            ref Le16 usedIndex = ref MemoryMarshal.AsRef<Le16>(region[(layout.UsedOffset + 2)..]);
            HostAccess.StoreRelease(ref usedIndex, (ushort)(layout.QueueSize + 1)); // the host sees it instead of 2
        }

        context.KickHost(vring.NotifyId);
        MisdeedCount++;
        return vring.Address + (ulong)layout.UsedOffset + 2;
    }

    private static uint WriteMessage(RemoteContext context, VringSegment buffer, ReadOnlySpan<byte> payload, int claimedBytes)
    {
        Span<byte> bytes = context.Access(new DeviceAddress(buffer.Address), (int)buffer.LengthBytes);
        RpmsgHeader header = new(new RpmsgAddress(Address), RpmsgAddress.NameService, (ushort)claimedBytes);
        MemoryMarshal.Write(bytes, in header);
        payload.CopyTo(bytes[RpmsgHeader.SizeBytes..]);
        return (uint)(RpmsgHeader.SizeBytes + payload.Length);
    }
}
