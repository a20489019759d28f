namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>What is done with the messages of polled endpoints: a struct, so that the call needs no indirection.</summary>
/// <remarks>Given to <see cref="RemoteRpmsg.Poll{THandler}(ref THandler, int, out int)"/>.</remarks>
public interface IRemoteMessageHandler
{
    /// <summary>A message has come.</summary>
    /// <param name="endpoint">The endpoint it came to.</param>
    /// <param name="message">The message, in place; good until this returns.</param>
    /// <remarks>It may send, hold the message, and make and destroy endpoints; it must not poll.</remarks>
    void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message);
}
