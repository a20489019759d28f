using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>The driver of virtio device 1.</summary>
/// <remarks>
/// <code>
/// probe                                                            remove
///  1 number of queue pairs, with MQ                                 1 the interface goes: down, unregistered
///  2 address, header, MTU                                           2 device reset
///  3 find_vqs: input.0, output.0, ..., control with CTRL_VQ         3 del_vqs
///  4 buffers                                                        4 buffers freed
///  5 the interface is registered, DRIVER_OK
///  6 link: from the configuration with STATUS, else up
/// </code>
/// A transport with two queues, as remoteproc, fails step 3 with EINVAL when the device offers CTRL_VQ or MQ.
/// Source: drivers/net/virtio_net.c (v6.12), virtnet_validate, virtnet_probe, virtnet_remove.
/// </remarks>
internal sealed class VirtioNetDriver(VirtioNetModule owner) : VirtioDriver("virtio_net", owner)
{
    private const int MtuMin = 68;          // ETH_MIN_MTU
    private const int MtuDefault = 1500;    // ETH_DATA_LEN
    private const int PairCountMax = 0x8000; // VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MAX

    private static readonly VirtioDeviceId[] Ids = [new(VirtioDeviceId.Net)];

    /// <inheritdoc/>
    public override IReadOnlyList<VirtioDeviceId> IdTable => Ids;

    /// <inheritdoc/>
    public override ulong FeatureMask { get; } = Mask(
        VirtioNetFeatures.Mtu, VirtioNetFeatures.Mac, VirtioNetFeatures.MergeableBuffers, VirtioNetFeatures.Status,
        VirtioNetFeatures.ControlQueue, VirtioNetFeatures.ControlReceive, VirtioNetFeatures.ControlVlan,
        VirtioNetFeatures.GuestAnnounce, VirtioNetFeatures.MultiQueue, VirtioNetFeatures.ControlMacAddress);

    /// <inheritdoc/>
    public override ulong LegacyFeatureMask => FeatureMask | VirtioFeatures.Mask(VirtioFeatures.AnyLayout);

    /// <inheritdoc/>
    public override Errno Validate(VirtioDevice device)
    {
        if (FeatureRule.FirstBroken(device.Features, VirtioNetFeatures.Rules) is { } rule)
        {
            device.Kernel.Log.Error(device,
                $"device advertises feature {VirtioNetFeatures.NameOf(rule.Bit)} but not {VirtioNetFeatures.NameOf(rule.Needs)}");
            return Errno.EINVAL;
        }

        if (device.HasFeature(VirtioNetFeatures.Mtu) && ReadU16(device, VirtioNetConfig.MtuOffset) < MtuMin)
            device.ClearFeature(VirtioNetFeatures.Mtu);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(VirtioDevice device)
    {
        NetDevice net = owner.Create(device, ReadMac(device),
            device.HasFeature(VirtioNetFeatures.Mtu) ? ReadU16(device, VirtioNetConfig.MtuOffset) : MtuDefault);
        (Errno errno, Virtqueue?[] queues) = await device.FindVqsAsync(Requests(device, net));
        if (errno == Errno.Ok)
        {
            errno = net.Begin(queues[0]!, queues[1]!);
            if (errno == Errno.Ok) errno = await net.AddAsync();
            if (errno != Errno.Ok)
            {
                await device.Config.DelVqsAsync(device);
                net.End();
            }
        }

        if (errno != Errno.Ok)
        {
            owner.Forget(net);
            net.Put();
            return errno;
        }

        device.DriverData = net;
        device.Ready();
        await device.Kernel.Scheduler.Point("virtnet_probe: DRIVER_OK");
        ConfigChanged(device);
        owner.Announce(net);
        return Errno.Ok;
    }

    /// <summary>Kernel: virtnet_config_changed_work. Without STATUS the link is up.</summary>
    public override void ConfigChanged(VirtioDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.DriverData is not NetDevice net) return;
        bool isUp = !device.HasFeature(VirtioNetFeatures.Status) ||
            (ReadU16(device, VirtioNetConfig.StatusOffset) & VirtioNetConfig.LinkUp) != 0;
        if (isUp != net.HasCarrier) net.SetCarrier(isUp);
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(VirtioDevice device)
    {
        NetDevice net = (NetDevice)device.DriverData!;
        owner.Forget(net);
        net.Close();
        await net.DeleteAsync();
        device.Reset();
        await device.Kernel.Scheduler.Point("virtnet_remove: reset");
        await device.Config.DelVqsAsync(device);
        net.End();
        net.Put();
    }

    private static VirtqueueRequest[] Requests(VirtioDevice device, NetDevice net)
    {
        bool hasControl = device.HasFeature(VirtioNetFeatures.ControlQueue);
        int pairs = hasControl && device.HasFeature(VirtioNetFeatures.MultiQueue)
            ? ReadU16(device, VirtioNetConfig.QueuePairsOffset) : 1;
        if (pairs is < 1 or > PairCountMax) pairs = 1;
        VirtqueueRequest[] requests = new VirtqueueRequest[(2 * pairs) + (hasControl ? 1 : 0)];
        for (int i = 0; i < pairs; i++)
        {
            requests[2 * i] = new VirtqueueRequest($"input.{i}", i == 0 ? net.OnReceiveInterruptAsync : null);
            requests[(2 * i) + 1] = new VirtqueueRequest($"output.{i}", i == 0 ? net.OnSendInterruptAsync : null);
        }

        if (hasControl) requests[^1] = new VirtqueueRequest("control", null);
        return requests;
    }

    /// <summary>From the configuration, if the device has it there.</summary>
    private MacAddress ReadMac(VirtioDevice device)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.SizeBytes];
        if (device.HasFeature(VirtioNetFeatures.Mac) && device.TryReadConfig(VirtioNetConfig.MacOffset, bytes))
            return MacAddress.Read(bytes);
        MacAddress mac = new(0x02_00_5e_00_00_00ul | (uint)device.Index); // the kernel draws one; a run here repeats
        device.Kernel.Log.Info(device, $"Assigned random MAC address {mac}");
        return mac;
    }

    private static ushort ReadU16(VirtioDevice device, int offset)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        return device.TryReadConfig(offset, bytes) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;
    }

    private static ulong Mask(params ReadOnlySpan<int> bits)
    {
        ulong mask = 0;
        foreach (int bit in bits) mask |= VirtioFeatures.Mask(bit);
        return mask;
    }
}
