using System;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>How a core came to stop by itself.</summary>
/// <param name="Kind">What the host was told.</param>
/// <param name="Message">What happened, for people.</param>
/// <param name="TimeNs">When, in the scheduler's time, ns.</param>
/// <param name="Exception">What escaped from the program.</param>
public sealed record CoreFault(CoreFaultKind Kind, string Message, long TimeNs, Exception Exception);
