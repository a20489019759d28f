using System;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Virtio.Console;

/// <summary>The device half of a console or rproc-serial port: two streams of bytes, without any header.</summary>
/// <remarks>Source: VIRTIO 1.3, 5.3.6.</remarks>
/// <param name="scheduler">Whose watch sees what is used.</param>
/// <param name="memory">Memory, as the device reaches it.</param>
/// <param name="vdev">Its transport.</param>
/// <param name="kick">Interrupts the driver, with a ring's notifyid.</param>
public sealed class RemoteConsole(Scheduler scheduler, RemoteMemory memory, IRemoteVdev vdev, Action<int> kick)
    : RemoteDevice(scheduler, memory, vdev, kick, SegmentsMax)
{
    /// <summary>Segments that it takes in one buffer; Linux makes one, or as many as a splice has pages.</summary>
    public const int SegmentsMax = 32;

    /// <summary>Called with bytes as they come; null drops them.</summary>
    public RemoteBytesHandler? Received { get; set; }

    /// <summary>Bytes received.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>Bytes sent.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Sends bytes: as many as the driver's buffers take.</summary>
    /// <param name="bytes">What to send.</param>
    /// <param name="sentBytes">How many went, from the first on.</param>
    /// <returns>Ok when all went; NoDriver, NoBuffer or QueueBroken.</returns>
    public RemoteIoStatus TryWrite(ReadOnlySpan<byte> bytes, out int sentBytes)
    {
        sentBytes = 0;
        int empty = 0;
        while (sentBytes < bytes.Length)
        {
            RemoteIoStatus status = TakeToSend();
            if (status != RemoteIoStatus.Ok) return status;
            if (SendQueue.LengthBytes == 0 && empty++ > SendQueue.QueueSize) return RemoteIoStatus.NoBuffer; // it lends nothing else
            int count = (int)Math.Min(SendQueue.LengthBytes, bytes.Length - sentBytes);
            if (!SendQueue.TryWrite(0, bytes.Slice(sentBytes, count))) return RemoteIoStatus.QueueBroken;
            Send((uint)count);
            sentBytes += count;
            SentBytes += count;
        }

        return RemoteIoStatus.Ok;
    }

    /// <inheritdoc/>
    protected override void OnLinked() { }

    /// <inheritdoc/>
    protected override void Receive()
    {
        ReceivedCount++;
        for (int i = 0; i < ReceiveQueue.SegmentCount; i++)
        {
            if (!ReceiveQueue.TryBytes(i, out Span<byte> bytes)) return; // the queue is stopped now
            ReceivedBytes += bytes.Length;
            Received?.Invoke(this, bytes);
        }
    }
}
