using RemoteprocEmu.Explorer.Explain.Record;

namespace RemoteprocEmu.Explorer.Explain.Compare;


/// <summary>A recorded schedule carried over to another subject: the same scenario in another era.</summary>
/// <param name="Era">The other subject, as a report names it: <c>era C</c>.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Text">Why, in a sentence or two: which step is in the way, or makes it harmless.</param>
/// <param name="Obstacle">The first recorded step that could not be taken in its turn there; null when all could.</param>
/// <param name="Run">What happened there.</param>
public sealed record Comparison(string Era, ComparisonVerdict Verdict, string Text, Obstacle? Obstacle, Recording Run);
