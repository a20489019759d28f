namespace RemoteprocEmu.Board.Traffic;

/// <summary>What became of a message that came back.</summary>
public enum MessageVerdict
{
    /// <summary>The one expected, whole.</summary>
    Verified,

    /// <summary>A later one, whole: those in between are lost.</summary>
    AfterLoss,

    /// <summary>An earlier one, whole.</summary>
    Duplicate,

    /// <summary>Its length is wrong, or a bit of it.</summary>
    Damaged,
}
