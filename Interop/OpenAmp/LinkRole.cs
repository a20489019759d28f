namespace RemoteprocEmu.Interop.OpenAmp;

/// <summary>Which half of virtio a process of a link has.</summary>
public enum LinkRole
{
    /// <summary>The virtio driver: remoteproc, the rpmsg bus. OpenAMP: VIRTIO_DEV_DRIVER.</summary>
    Host,

    /// <summary>The virtio device: the firmware. OpenAMP: VIRTIO_DEV_DEVICE.</summary>
    Remote,
}
