namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>The state of a remote processor, with the numbers of v6.12.</summary>
/// <remarks>
/// Source: include/linux/remoteproc.h, enum rproc_state. RPROC_DELETED (4 up to v6.11) became <see cref="Rproc.IsDeleting"/>.
/// </remarks>
public enum RprocState
{
    /// <summary>Needs an image and a start.</summary>
    Offline = 0,
    /// <summary>Suspended; the core never sets it.</summary>
    Suspended = 1,
    /// <summary>Booted by us, and up.</summary>
    Running = 2,
    /// <summary>Was up and reported a crash.</summary>
    Crashed = 3,
    /// <summary>Was started by something else, and adopted.</summary>
    Attached = 4,
    /// <summary>Was started by something else, and not adopted.</summary>
    Detached = 5,
}

/// <summary>Why a processor crashed. Source: include/linux/remoteproc.h, enum rproc_crash_type.</summary>
public enum RprocCrashType
{
    /// <summary>The IOMMU refused an access.</summary>
    MmuFault = 0,
    /// <summary>The watchdog bit.</summary>
    Watchdog = 1,
    /// <summary>The firmware gave up.</summary>
    FatalError = 2,
}

/// <summary>The kernel's words.</summary>
public static class RprocWords
{
    /// <summary>What sysfs shows. Source: remoteproc_sysfs.c, rproc_state_string.</summary>
    public static string Word(this RprocState state) => state switch
    {
        RprocState.Offline => "offline",
        RprocState.Suspended => "suspended",
        RprocState.Running => "running",
        RprocState.Crashed => "crashed",
        RprocState.Attached => "attached",
        RprocState.Detached => "detached",
        _ => "invalid",
    };

    /// <summary>What the log shows. Source: remoteproc_core.c, rproc_crash_to_string.</summary>
    public static string Word(this RprocCrashType type) => type switch
    {
        RprocCrashType.MmuFault => "mmufault",
        RprocCrashType.Watchdog => "watchdog",
        RprocCrashType.FatalError => "fatal error",
        _ => "unknown",
    };
}
