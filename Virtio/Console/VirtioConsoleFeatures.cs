namespace RemoteprocEmu.Virtio.Console;

/// <summary>Feature bits of the virtio device 3, console. The device 11, rproc-serial, has none.</summary>
/// <remarks>Source: VIRTIO 1.3, 5.3.3; include/uapi/linux/virtio_console.h.</remarks>
public static class VirtioConsoleFeatures
{
    /// <summary>VIRTIO_CONSOLE_F_SIZE: the configuration has columns and rows.</summary>
    public const int Size = 0;

    /// <summary>VIRTIO_CONSOLE_F_MULTIPORT: control queues, and several ports. Over remoteproc, which has two queues, the probe
    /// fails.</summary>
    public const int MultiPort = 1;
}
