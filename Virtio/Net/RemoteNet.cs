using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>The device half of a net device: frames to the driver and from it.</summary>
/// <remarks>
/// <code>
/// RemoteNet net = new(scheduler, memory, vdev, kick) { Received = static (net, frame) => ... };
/// while (true)
/// {
///     while (net.PollOnce()) { }
///     _ = await doorbell.WaitAsync();
/// }
/// </code>
/// It takes frames however the driver cuts them, and sends each in one buffer. Without offloads, its driver has no reason to set a flag in
/// a header. A frame that breaks a rule is counted and given back; a ring that does stops. Source: VIRTIO 1.3, 5.1.6.
/// </remarks>
/// <param name="scheduler">Whose watch sees what is used.</param>
/// <param name="memory">Memory, as the device reaches it.</param>
/// <param name="vdev">Its transport.</param>
/// <param name="kick">Interrupts the driver, with a ring's notifyid.</param>
public sealed class RemoteNet(Scheduler scheduler, RemoteMemory memory, IRemoteVdev vdev, Action<int> kick)
    : RemoteDevice(scheduler, memory, vdev, kick, SegmentsMax)
{
    /// <summary>Segments that it takes in one frame; Linux makes at most 19.</summary>
    public const int SegmentsMax = 32;

    /// <summary>The longest frame that it takes, bytes.</summary>
    public const int FrameBytesMax = 65536;

    private readonly byte[] _gathered = new byte[FrameBytesMax];
    private int _headerBytes;

    /// <summary>Called with each frame; null drops them.</summary>
    public RemoteFrameHandler? Received { get; set; }

    /// <summary>Frames of the driver's that were too short, too long, or asked for an offload; they were given back unread.</summary>
    public long MalformedCount { get; private set; }

    /// <summary>Sends a copy of a frame.</summary>
    /// <param name="frame">From the destination's address on, without check sum.</param>
    /// <returns>Ok, NoDriver, NoBuffer, TooLong or QueueBroken.</returns>
    public RemoteIoStatus TrySend(ReadOnlySpan<byte> frame)
    {
        RemoteIoStatus status = TakeToSend();
        if (status != RemoteIoStatus.Ok) return status;
        if (SendQueue.LengthBytes < _headerBytes + frame.Length) return RemoteIoStatus.TooLong;
        VirtioNetHeader header = new(flags: 0, gsoType: 0, bufferCount: 1);
        ReadOnlySpan<byte> headerBytes = MemoryMarshal.AsBytes(new ReadOnlySpan<VirtioNetHeader>(in header))[.._headerBytes];
        if (!SendQueue.TryWrite(0, headerBytes) || !SendQueue.TryWrite(_headerBytes, frame)) return RemoteIoStatus.QueueBroken;
        Send((uint)(_headerBytes + frame.Length));
        return RemoteIoStatus.Ok;
    }

    /// <summary>Says in the configuration whether the link is up, and tells the driver if the transport can.</summary>
    /// <returns>False when the configuration has no status.</returns>
    public bool SetLink(bool isUp)
    {
        Span<byte> status = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(status, isUp ? VirtioNetConfig.LinkUp : (ushort)0);
        return Vdev.TryWriteConfig(VirtioNetConfig.StatusOffset, status);
    }

    /// <inheritdoc/>
    protected override void OnLinked() => _headerBytes = NetDevice.HeaderBytes(Vdev.DriverFeatures);

    /// <inheritdoc/>
    protected override void Receive()
    {
        long lengthBytes = ReceiveQueue.LengthBytes - _headerBytes;
        Span<byte> room = stackalloc byte[VirtioNetHeader.SizeBytesLong];
        room.Clear();
        if (lengthBytes is < NetDevice.FrameHeaderBytes or > FrameBytesMax)
        {
            MalformedCount++;
            return;
        }

        if (!ReceiveQueue.TryRead(0, room[.._headerBytes])) return; // the queue is stopped now
        VirtioNetHeader header = MemoryMarshal.Read<VirtioNetHeader>(room); // one copy, checked and used
        if (header.GsoType != 0 || header.Flags != 0)
        {
            MalformedCount++;
            return;
        }

        Span<byte> frame = _gathered.AsSpan(0, (int)lengthBytes);
        if (!ReceiveQueue.TryRead(_headerBytes, frame)) return;
        ReceivedCount++;
        Received?.Invoke(this, frame);
    }
}
