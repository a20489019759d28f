using System;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Harness;

/// <summary>Gives the answers that a failure printed, then 0 for ever.</summary>
/// <param name="trail">The answers, separated by commas; empty for none.</param>
public sealed class ReplayChoices(string trail) : IChoices
{
    private readonly int[] _answers =
        [.. trail.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(answer => int.Parse(answer, CultureInfo.InvariantCulture))];
    private int _position;

    /// <inheritdoc/>
    public int Pick(int bound)
    {
        int answer = _position < _answers.Length ? _answers[_position++] : 0;
        if (answer >= bound) throw new InvalidOperationException($"Answer {answer} to a question of {bound}: another run's trail?");
        return answer;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', _answers);
}
