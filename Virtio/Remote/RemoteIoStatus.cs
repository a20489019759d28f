namespace RemoteprocEmu.Virtio.Remote;

/// <summary>What an operation of a device half came to.</summary>
public enum RemoteIoStatus : byte
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>The device's status lacks DRIVER_OK.</summary>
    NoDriver,

    /// <summary>The driver has lent no buffer. When it was to send with, the driver was asked for a kick when it lends one.</summary>
    NoBuffer,

    /// <summary>It does not fit into the driver's buffer; nothing was sent, and the buffer is still there for the next.</summary>
    TooLong,

    /// <summary>The queue is stopped until the driver resets the device; <see cref="RemoteQueueFault"/> says why.</summary>
    QueueBroken,
}
