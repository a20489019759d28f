namespace RemoteprocEmu.Cores.Scripted;

/// <summary>What a core has done since it was made, over all its runs.</summary>
/// <param name="Starts">Runs begun.</param>
/// <param name="Faults">Runs that ended in a fault.</param>
/// <param name="KicksReceived">Times that the host rang it, whether it ran or not.</param>
/// <param name="KicksSent">Times that it rang the host.</param>
public readonly record struct CoreCounters(long Starts, long Faults, long KicksReceived, long KicksSent);
