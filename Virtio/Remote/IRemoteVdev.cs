using System;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Remote;

/// <summary>
/// A device as its own half sees it: the seam that a device half is written to, whatever carries it. Its driver's end is
/// <see cref="IVirtioConfigOps"/>.
/// </summary>
/// <remarks>
/// Over remoteproc it is a vdev entry of the resource table, read anew at each call from memory that the host writes. Nothing that it
/// returns is trusted: the driver's side has written it. With memory to find rings and buffers in, and a kick that takes a ring's
/// notifyid, this is all that a transport gives a device half.
/// <code>
/// transport      status        features   configuration      rings                        kicks
/// remoteproc     polled        bits 0-31  no generation,     fw_rsc_vdev_vring            the processor's doorbell
///                                         no interrupt
/// in process     at once       all        both               as the driver laid them out  an action each way
/// vhost-user     by messages   all        by messages        SET_VRING_ADDR               eventfds
/// </code>
/// </remarks>
public interface IRemoteVdev
{
    /// <summary>The virtio status byte. 0 when it cannot be read.</summary>
    byte Status { get; }

    /// <summary>Whether the status has DRIVER_OK: all that a remote that waits for its driver looks at.</summary>
    bool IsDriverOk => ((VirtioStatus)Status & VirtioStatus.DriverOk) != 0;

    /// <summary>Times that the driver has reset the device, where the transport counts them: one may come and go between two looks at the
    /// status. Over remoteproc always 0.</summary>
    long ResetCount => 0;

    /// <summary>The feature bits that the driver took. Over remoteproc: gfeatures.</summary>
    ulong DriverFeatures { get; }

    /// <summary>One of its rings, as the driver has set it up by now.</summary>
    /// <param name="index">
    /// The queue's number. Of an rpmsg, net or serial device, 0 is the ring on which the device sends, 1 the one on which it receives.
    /// </param>
    RemoteVring GetVring(int index);

    /// <summary>Reads its configuration space: what the device wrote there, and what the driver may have.</summary>
    /// <param name="offset">From its start, bytes.</param>
    /// <param name="destination">Filled whole, or left as it was.</param>
    /// <returns>False when the range does not lie inside.</returns>
    bool TryReadConfig(int offset, Span<byte> destination) => false;

    /// <summary>
    /// Changes its configuration space. The driver is told, and the generation goes up, where the transport has either: remoteproc has
    /// neither.
    /// </summary>
    /// <param name="offset">From its start, bytes.</param>
    /// <param name="source">Written whole or not at all.</param>
    /// <returns>False when the range does not lie inside.</returns>
    bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) => false;

    /// <summary>Sets NEEDS_RESET: the device cannot go on. The driver is told where the transport can.</summary>
    /// <returns>False when the transport has no way to say so.</returns>
    bool SetNeedsReset() => false;
}
