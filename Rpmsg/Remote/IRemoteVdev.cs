using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>A vdev entry of the resource table, as firmware reads it: from memory that the host writes, anew at each call.</summary>
/// <remarks>Who runs the firmware implements it over the table in the remote's memory. Nothing that it returns is trusted.</remarks>
public interface IRemoteVdev
{
    /// <summary>The virtio status byte. 0 when the table cannot be read.</summary>
    byte Status { get; }

    /// <summary>Whether the status has DRIVER_OK: all that a remote that waits for its driver looks at.</summary>
    bool IsDriverOk => ((VirtioStatus)Status & VirtioStatus.DriverOk) != 0;

    /// <summary>The feature bits that the driver took: gfeatures.</summary>
    uint DriverFeatures { get; }

    /// <summary>One of its vring entries, as the host has filled it in by now.</summary>
    /// <param name="index">0 for the ring on which the remote sends, 1 for the one on which it receives.</param>
    RemoteVring GetVring(int index);
}
