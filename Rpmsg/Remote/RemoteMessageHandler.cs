namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>What a remote endpoint does with a message.</summary>
/// <param name="endpoint">The endpoint it came to.</param>
/// <param name="message">The message, in place; good until the handler returns.</param>
/// <remarks>Called from <see cref="RemoteRpmsg.Poll"/>. It may send, hold the message, and make and destroy endpoints; it must not
/// poll.</remarks>
public delegate void RemoteMessageHandler(RemoteEndpoint endpoint, in RemoteMessage message);
