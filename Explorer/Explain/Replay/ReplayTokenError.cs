namespace RemoteprocEmu.Explorer.Explain.Replay;


/// <summary>Why a token is not replayed, in words for who typed it.</summary>
/// <param name="Fault">Which.</param>
/// <param name="Text">What does not match, what this build has, and how to get what the token wants.</param>
public sealed record ReplayTokenError(ReplayTokenFault Fault, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
