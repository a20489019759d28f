using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Harness;

/// <summary>Walks every sequence of answers, depth first, the all-zero one first.</summary>
/// <remarks>
/// <code>
/// ExhaustiveChoices choices = new();
/// while (choices.MoveNext()) RunOnce(choices);   // each run may ask another number of questions
/// </code>
/// </remarks>
public sealed class ExhaustiveChoices : IChoices
{
    private readonly List<(int Value, int Bound)> _trail = [];
    private int _position;
    private bool _started;

    /// <summary>Steps to the next untried sequence.</summary>
    /// <returns>False when all were tried.</returns>
    public bool MoveNext()
    {
        _position = 0;
        if (!_started) return _started = true;
        while (_trail.Count > 0 && _trail[^1].Value + 1 >= _trail[^1].Bound) _trail.RemoveAt(_trail.Count - 1);
        if (_trail.Count == 0) return false;
        _trail[^1] = (_trail[^1].Value + 1, _trail[^1].Bound);
        return true;
    }

    /// <inheritdoc/>
    public int Pick(int bound)
    {
        if (_position == _trail.Count) _trail.Add((0, bound));
        if (_trail[_position].Bound != bound)
            throw new InvalidOperationException($"Not a function of its choices: question {_position} had another bound before.");
        return _trail[_position++].Value;
    }

    /// <summary>The answers of this run, to be given to <see cref="ReplayChoices"/>.</summary>
    public override string ToString() => string.Join(',', _trail.Select(choice => choice.Value));
}
