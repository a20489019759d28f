using System;
using System.Globalization;
using RemoteprocEmu.Explorer.Search;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>Every schedule with at most so many preemptions, or delays; in one part.</summary>
/// <param name="kind">What is counted.</param>
/// <param name="boundMax">How many there may be.</param>
public sealed class BoundedPlan(ScheduleBound kind, int boundMax) : SearchPlan
{
    /// <inheritdoc/>
    public override string Words => $"every schedule with {Bound}";

    /// <inheritdoc/>
    public override string Bound => string.Create(CultureInfo.InvariantCulture,
        $"at most {boundMax} {(kind == ScheduleBound.Preemptions ? "preemption" : "delay")}{(boundMax == 1 ? "" : "s")}");

    /// <inheritdoc/>
    public override int PartCount => 1;

    /// <inheritdoc/>
    protected override void RunPart(ISubject subject, int part, PartResult result, Func<PartResult, bool> onRun)
    {
        BoundedSchedule schedule = new(kind, boundMax);
        while (schedule.MoveNext())
        {
            if (!RunOne(subject, schedule, result, onRun)) return;
        }
    }
}
