using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Net;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>Sends numbered frames over the interface of one net vdev to a remote that reflects them, and verifies each.</summary>
/// <remarks>
/// Driven by what comes back. A frame has the type 0x88b5, which is for experiments, and a numbered message in it. Where the ring is too
/// short for virtio_net to send more than one, there is one.
/// </remarks>
/// <param name="vdevIndex">The vdev's place in the table.</param>
/// <param name="count">Frames to exchange.</param>
public sealed class FrameExchange(int vdevIndex, long count)
{
    private const int UnderWayMax = 16;
    private const ushort EtherType = 0x88b5; // IEEE 802: local experimental 1

    private readonly byte[] _frame = new byte[NetDevice.FrameHeaderBytes + MessageStream.MessageBytes];

    /// <summary>The vdev's place in the table.</summary>
    public int VdevIndex { get; } = vdevIndex;

    /// <summary>Its frames' messages; null before the first interface.</summary>
    public MessageStream? Stream { get; private set; }

    /// <summary>Whether the last is back.</summary>
    public bool IsDone => Stream is { IsDone: true };

    /// <summary>An interface is there: opens it and begins, or goes on where the last one went.</summary>
    /// <returns>As <see cref="NetDevice.Open"/>.</returns>
    public Errno Begin(NetDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Stream ??= new MessageStream(device.Virtio.Virtqueues[1].Size < NetDevice.FreeCountMin ? 1 : count);
        Stream.BeginChannel();
        device.Received = OnFrame;
        Errno errno = device.Open();
        if (errno == Errno.Ok) SendMore(device);
        return errno;
    }

    private void OnFrame(NetDevice device, ReadOnlySpan<byte> frame)
    {
        if (MacAddress.Read(frame) != device.Mac || (frame[12] << 8 | frame[13]) != EtherType) return; // not one of ours
        _ = Stream!.Take(frame[NetDevice.FrameHeaderBytes..]); // the stream counts what is wrong
        SendMore(device);
    }

    private void SendMore(NetDevice device)
    {
        while (Stream!.HasMore && Stream.UnderWayCount < UnderWayMax && !device.IsStopped)
        {
            MacAddress peer = new(device.Mac.Value ^ 0x80); // another on the same wire
            peer.Write(_frame);
            device.Mac.Write(_frame.AsSpan(MacAddress.SizeBytes));
            (_frame[12], _frame[13]) = (EtherType >> 8, EtherType & 0xff);
            _ = Stream.WriteNext(_frame.AsSpan(NetDevice.FrameHeaderBytes));
            _ = device.TrySend(_frame); // it is up, not stopped, and the frame fits
        }
    }
}
