namespace RemoteprocEmu.Board.VhostUser;

/// <summary>Something that has happened at a port.</summary>
/// <param name="TimeNs">When, since the server was made, ns.</param>
/// <param name="Port">Where.</param>
/// <param name="Kind">What.</param>
/// <param name="Text">The same for people, in full.</param>
public sealed record VhostUserEvent(long TimeNs, string Port, VhostUserEventKind Kind, string Text);
