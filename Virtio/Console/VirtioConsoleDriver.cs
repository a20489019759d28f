using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Console;

/// <summary>The drivers of virtio_console: <c>virtio_console</c> for device 3, <c>virtio_rproc_serial</c> for device 11.</summary>
/// <remarks>
/// <code>
/// probe                                       remove
///  1 number of ports: 1 without MULTIPORT      1 device reset
///  2 find_vqs: input, output; more with it     2 the port is unplugged: who has it open is told
///  3 DRIVER_OK                                 3 del_vqs, buffers freed
///  4 the port: buffers lent, a kick each
/// </code>
/// A port that cannot be made leaves the device bound, and without port: add_port's result is not looked at.
/// Source: drivers/char/virtio_console.c (v6.12), virtcons_probe, virtcons_remove.
/// </remarks>
/// <param name="owner">virtio_console.</param>
/// <param name="name">The driver's name.</param>
/// <param name="id">The device that it is for.</param>
internal sealed class VirtioConsoleDriver(VirtioConsoleModule owner, string name, uint id) : VirtioDriver(name, owner)
{
    private const uint PortCountMax = 0x8000; // VIRTCONS_MAX_PORTS

    private static readonly NameSeries s_ports = new("vport", "p0");

    /// <inheritdoc/>
    public override IReadOnlyList<VirtioDeviceId> IdTable { get; } = [new(id)];

    /// <inheritdoc/>
    public override ulong FeatureMask => IsSerial ? 0
        : VirtioFeatures.Mask(VirtioConsoleFeatures.Size) | VirtioFeatures.Mask(VirtioConsoleFeatures.MultiPort);

    private bool IsSerial => id == VirtioDeviceId.RprocSerial;

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(VirtioDevice device)
    {
        bool isMultiPort = device.HasFeature(VirtioConsoleFeatures.MultiPort);
        uint portCount = isMultiPort ? ReadPortCount(device) : 1;
        if (portCount is 0 or > PortCountMax)
        {
            device.Kernel.Log.Error(device, $"Invalidate max_nr_ports {portCount}");
            return Errno.EINVAL;
        }

        ConsolePort port = new(owner, device, s_ports[device.Index], IsSerial ? -1 : owner.TakeConsole());
        (Errno errno, Virtqueue?[] queues) = await device.FindVqsAsync(Requests(isMultiPort, portCount, port));
        if (errno == Errno.Ok && isMultiPort) // found, and not served: see docs/fidelity.md
        {
            await device.Config.DelVqsAsync(device);
            errno = Errno.EOPNOTSUPP;
        }

        if (errno != Errno.Ok)
        {
            Release(port);
            return errno;
        }

        device.DriverData = port;
        device.Ready();
        await device.Kernel.Scheduler.Point("virtcons_probe: DRIVER_OK");
        errno = await port.AddAsync();
        if (errno == Errno.Ok) errno = port.Begin(queues[0]!, queues[1]!);
        if (errno == Errno.Ok)
        {
            owner.Announce(port);
            return Errno.Ok;
        }

        port.Unplug();
        await port.DeleteAsync();
        return Errno.Ok;
    }

    /// <summary>The size of the console has changed. Kernel: config_work_handler.</summary>
    public override void ConfigChanged(VirtioDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Span<byte> size = stackalloc byte[4];
        if (device.DriverData is not ConsolePort { IsConsole: true } port || !device.HasFeature(VirtioConsoleFeatures.Size)) return;
        if (!device.TryReadConfig(VirtioConsoleConfig.SizeOffset, size)) return;
        port.Size = (BinaryPrimitives.ReadUInt16LittleEndian(size), BinaryPrimitives.ReadUInt16LittleEndian(size[2..]));
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(VirtioDevice device)
    {
        ConsolePort port = (ConsolePort)device.DriverData!;
        device.Reset();
        await device.Kernel.Scheduler.Point("virtcons_remove: reset");
        owner.Forget(port);
        port.Unplug();
        await port.DeleteAsync();
        await device.Config.DelVqsAsync(device);
        Release(port);
    }

    private static VirtqueueRequest[] Requests(bool isMultiPort, uint portCount, ConsolePort port)
    {
        VirtqueueRequest input = new("input", port.OnInputAsync);
        VirtqueueRequest output = new("output", port.OnOutputAsync);
        if (!isMultiPort) return [input, output];
        VirtqueueRequest[] requests = new VirtqueueRequest[(portCount + 1) * 2];
        for (int i = 0; i < requests.Length; i += 2) (requests[i], requests[i + 1]) = (input, output);
        (requests[2], requests[3]) = (new VirtqueueRequest("control-i", null), new VirtqueueRequest("control-o", null));
        return requests;
    }

    private static uint ReadPortCount(VirtioDevice device)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        return device.TryReadConfig(VirtioConsoleConfig.PortCountOffset, bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
    }

    private void Release(ConsolePort port)
    {
        if (port.IsConsole) owner.ReleaseConsole(port.ConsoleIndex);
        port.Put();
    }
}
