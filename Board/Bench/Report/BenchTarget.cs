using System.Globalization;

namespace RemoteprocEmu.Board.Bench.Report;

/// <summary>What became of a target.</summary>
internal enum BenchVerdict
{
    /// <summary>The rows do not say.</summary>
    NotMeasured,

    /// <summary>Worse than the least.</summary>
    Missed,

    /// <summary>As good as the least, at least.</summary>
    Met,

    /// <summary>As good as what was aimed at.</summary>
    Aim,
}

/// <summary>Something that the rings are to reach.</summary>
/// <param name="Text">What.</param>
/// <param name="AtLeast">The least that is good enough.</param>
/// <param name="Aim">What was aimed at.</param>
/// <param name="IsLessBetter">Whether smaller values are better.</param>
/// <param name="Value">What was measured; null where it was not.</param>
/// <param name="Unit">Behind the number.</param>
internal sealed record BenchTarget(string Text, double AtLeast, double Aim, bool IsLessBetter, double? Value, string Unit)
{
    /// <summary>What became of it.</summary>
    public BenchVerdict Verdict => Value is not { } value ? BenchVerdict.NotMeasured
        : Reaches(value, Aim) ? BenchVerdict.Aim
        : Reaches(value, AtLeast) ? BenchVerdict.Met
        : BenchVerdict.Missed;

    /// <summary>A number with its unit.</summary>
    public string Format(double value) => value.ToString("0.##", CultureInfo.InvariantCulture) + Unit;

    private bool Reaches(double value, double bound) => IsLessBetter ? value <= bound : value >= bound;
}
