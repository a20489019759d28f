namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>What is done with the messages of polled endpoints: a struct, so that the call needs no indirection.</summary>
/// <remarks>Given to <see cref="RpmsgFastPath.Poll{THandler}(ref THandler, int)"/>.</remarks>
public interface IRpmsgBatchHandler
{
    /// <summary>A message has come.</summary>
    /// <param name="message">The message, in place; good until this returns, or as long as it is held.</param>
    /// <remarks>It may send, hold the message, and make and destroy other endpoints; it must not poll.</remarks>
    void OnMessage(in RpmsgBatchMessage message);
}
