using System.Collections.Generic;

namespace RemoteprocEmu.Board.Bench;

/// <summary>Cases that are compared: they are run by turns, so that all of them meet the machine as it is.</summary>
/// <param name="Name">What differs among them, one word, and what they have in common: <c>payload 496B</c>.</param>
/// <param name="Limit">The bare ring that the others are compared with; null where there is none.</param>
/// <param name="Cases">The others.</param>
internal sealed record BenchGroup(string Name, BenchCase? Limit, IReadOnlyList<BenchCase> Cases)
{
    /// <summary>All of them, the limit first.</summary>
    public IReadOnlyList<BenchCase> All => Limit is null ? Cases : [Limit, .. Cases];
}
