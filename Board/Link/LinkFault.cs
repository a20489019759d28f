namespace RemoteprocEmu.Board.Link;

/// <summary>What is wrong with a link, in words for people: the file, the offset, the value, and what to do.</summary>
/// <param name="Kind">Whose fault it is.</param>
/// <param name="Text">What is wrong.</param>
public sealed record LinkFault(LinkFaultKind Kind, string Text);
