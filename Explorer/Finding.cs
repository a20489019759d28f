namespace RemoteprocEmu.Explorer;

/// <summary>A rule was broken in a run.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Key">
/// What broke, short and the same in every schedule that breaks it this way: <c>vdev1 vring0 unpublished</c>. Two runs with the same rule
/// and key have found the same thing.
/// </param>
/// <param name="Text">A sentence in the kernel's words, with the values of this run.</param>
/// <param name="Task">The task that did it; empty at the end of a run.</param>
/// <param name="TimeNs">When, in virtual time, ns.</param>
/// <param name="State">
/// The <see cref="Platform.Tasks.SharedState.Name"/> of what it is about, where there is one: what a report looks for in the run to name
/// the two accesses that met. Empty where nobody knows.
/// </param>
/// <remarks>
/// Who finds something while the run goes on also emits <see cref="Platform.Trace.TraceKind.Finding"/> with <see cref="Id"/>, so that a
/// report can point at the moment: many steps share a time.
/// </remarks>
public sealed record Finding(OracleRule Rule, string Key, string Text, string Task, long TimeNs, string State = "")
{
    /// <summary>Rule and key: what two runs are compared by.</summary>
    public string Id => $"{Rule}: {Key}";

    /// <inheritdoc/>
    public override string ToString() => $"{Id}: {Text}";
}
