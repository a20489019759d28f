namespace RemoteprocEmu.Cores.Scripted;

/// <summary>Why a core stopped by itself. The number is the line of <c>CoreStart.CrashLine</c> that it rings.</summary>
/// <remarks>Source: include/linux/remoteproc.h, enum rproc_crash_type.</remarks>
public enum CoreFaultKind
{
    /// <summary>It touched an address with nothing behind it. RPROC_MMUFAULT.</summary>
    MmuFault = 0,

    /// <summary>It no longer fed its watchdog. RPROC_WATCHDOG.</summary>
    Watchdog = 1,

    /// <summary>Anything else. RPROC_FATAL_ERROR.</summary>
    FatalError = 2,
}
