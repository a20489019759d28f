namespace RemoteprocEmu.Explorer.Explain.Table;

/// <summary>One line of an interleaving.</summary>
/// <param name="Column">Which column, from 0.</param>
/// <param name="Depth">How far it is indented, in steps of two.</param>
/// <param name="Text">What it says.</param>
/// <param name="Place">The event in the record; -1 for a line that stands for none.</param>
/// <param name="IsFatal">Whether it is one of the accesses that the finding is about, or the finding itself.</param>
public sealed record InterleavingRow(int Column, int Depth, string Text, int Place, bool IsFatal);
