using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Explain.Order;



/// <summary>Why a finding was possible: what met, and the order that nothing enforces.</summary>
/// <param name="Kind">What is missing.</param>
/// <param name="State">What both touch; of a deadlock, the first thing waited for.</param>
/// <param name="First">Who came first, and should not have; of a deadlock, each sleeper is in <paramref name="Others"/> too.</param>
/// <param name="Second">Who came second; null when nobody did.</param>
/// <param name="Others">The other links of a deadlock; empty otherwise.</param>
/// <param name="Enabler">The event that let the first one go ahead; -1 for none.</param>
/// <param name="Text">
/// The same in words: what happened, and the missing happens-before edge. Two sentences or three; of a deadlock a line for each link.
/// </param>
public sealed record Race(
    RaceKind Kind, string State, RaceAccess First, RaceAccess? Second, IReadOnlyList<RaceAccess> Others, int Enabler, string Text);
