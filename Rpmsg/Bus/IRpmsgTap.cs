using System;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>Who sees each message that the host half of an rpmsg vdev sends and receives: a capture, for instance.</summary>
/// <remarks>Set on <see cref="VirtioBackend.VirtioRpmsgBusModule.Tap"/>; without one it costs the test of a field.</remarks>
public interface IRpmsgTap
{
    /// <summary>A message passes: before the remote is shown it, or before its endpoint is.</summary>
    /// <param name="device">The vdev.</param>
    /// <param name="isToHost">Whether the remote has sent it.</param>
    /// <param name="message">
    /// Header and payload, in the vring buffer: read them now. Of a message that is refused, all that the remote says it has written, as
    /// far as there is a buffer.
    /// </param>
    void Passed(VirtioDevice device, bool isToHost, ReadOnlySpan<byte> message);
}
