namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>What a scenario can do.</summary>
public enum ScenarioVerb
{
    /// <summary><c>insmod MODULE</c>: its dependencies must be loaded.</summary>
    Insmod,
    /// <summary><c>modprobe MODULE</c>: loads its dependencies first.</summary>
    Modprobe,
    /// <summary><c>rmmod MODULE</c>.</summary>
    Rmmod,
    /// <summary><c>echo WORD > FILE</c>, a file of sysfs, <c>cdev</c>, or <c>debugfs/FILE</c>.</summary>
    Write,
    /// <summary><c>ioctl cdev shutdown_on_release</c>: sets the flag.</summary>
    SetShutdownOnRelease,
    /// <summary><c>close cdev</c>: the last close of an open file.</summary>
    CloseCdev,
    /// <summary><c>get HANDLE</c>: rproc_get_by_phandle; ENODEV when there is no processor.</summary>
    Get,
    /// <summary><c>boot HANDLE</c>: rproc_boot.</summary>
    Boot,
    /// <summary><c>shutdown HANDLE</c>: rproc_shutdown.</summary>
    Shutdown,
    /// <summary><c>put HANDLE</c>: rproc_put.</summary>
    Put,
    /// <summary><c>crash [TYPE]</c>: rproc_report_crash; handled by and by.</summary>
    Crash,
    /// <summary><c>firmware remove</c>: takes the image's file away.</summary>
    RemoveFirmware,
    /// <summary><c>firmware provide [IMAGE]</c>: puts it, or another, in its place.</summary>
    ProvideFirmware,
    /// <summary><c>remote create NAME ADDRESS</c>: the firmware announces a service.</summary>
    RemoteCreate,
    /// <summary><c>remote destroy NAME ADDRESS</c>: the firmware takes it back.</summary>
    RemoteDestroy,
    /// <summary><c>channel create NAME ADDRESS</c>: the host makes a channel of its own.</summary>
    CreateChannel,
    /// <summary><c>traffic N</c>: a driver sends N messages over a channel and checks the echoes.</summary>
    Traffic,
    /// <summary><c>ping</c>: the wkup_m3_ipc driver asks its firmware for an answer.</summary>
    Ping,
    /// <summary><c>wait TIME</c>.</summary>
    Wait,
    /// <summary><c>settle</c>: waits until nothing moves any more.</summary>
    Settle,
}
