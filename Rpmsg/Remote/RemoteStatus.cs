using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>What an operation of the remote half came to.</summary>
public enum RemoteStatus : byte
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Done, and more waits already: poll again before sleeping, for no kick may come.</summary>
    MoreWaits,

    /// <summary>The vdev's status lacks DRIVER_OK. OpenAMP: RPMSG_ERR_DEV_STATE.</summary>
    NoDriver,

    /// <summary>The driver has lent no buffer. It has been asked for a kick when it does. OpenAMP: RPMSG_ERR_NO_BUFF.</summary>
    NoBuffer,

    /// <summary>The payload is longer than the buffer; nothing was sent. OpenAMP cuts it off instead.</summary>
    TooLong,

    /// <summary>The destination is ANY: nobody has been heard of at the other end. OpenAMP: RPMSG_ERR_PARAM.</summary>
    NoDestination,

    /// <summary>An endpoint has that address. OpenAMP: RPMSG_ERR_ADDR.</summary>
    AddressTaken,

    /// <summary>All dynamic addresses are given out. OpenAMP: RPMSG_ERR_ADDR.</summary>
    NoAddress,

    /// <summary>The buffer was the driver's before it reset the device; it is gone.</summary>
    Stale,

    /// <summary>The queue is stopped until the driver resets the device; <see cref="RemoteQueueFault"/> says why.</summary>
    QueueBroken,
}
