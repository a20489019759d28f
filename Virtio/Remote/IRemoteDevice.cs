namespace RemoteprocEmu.Virtio.Remote;

/// <summary>A device half that a program serves: what is common to messages, frames and bytes.</summary>
/// <remarks>It is polled by one task, which sleeps until the driver kicks, or its status changes, when there is nothing to do.</remarks>
public interface IRemoteDevice
{
    /// <summary>Whether a driver was there when last looked.</summary>
    bool IsLinked { get; }

    /// <summary>Drivers seen so far: goes up with each DRIVER_OK that follows a reset.</summary>
    long LinkCount { get; }

    /// <summary>Messages, frames or buffers received.</summary>
    long ReceivedCount { get; }

    /// <summary>Messages, frames or buffers sent.</summary>
    long SentCount { get; }

    /// <summary>Times that the driver was interrupted.</summary>
    long KickCount { get; }

    /// <summary>Why the ring on which it sends is stopped.</summary>
    RemoteQueueFault SendFault { get; }

    /// <summary>Why the ring on which it receives is stopped.</summary>
    RemoteQueueFault ReceiveFault { get; }

    /// <summary>Looks whether a driver came or went, and receives what has come, at most one ring full.</summary>
    /// <returns>True when more waits already: poll again before sleeping, for no kick may come.</returns>
    bool PollOnce();
}
