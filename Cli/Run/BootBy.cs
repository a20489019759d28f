namespace RemoteprocEmu.Cli.Run;

/// <summary>Who boots the processor.</summary>
internal enum BootBy
{
    /// <summary>Adding it does: auto_boot.</summary>
    Auto,

    /// <summary>A consumer that holds its handle: wkup_m3_ipc, or a task of ours.</summary>
    Consumer,

    /// <summary>Nobody: it stays offline.</summary>
    None,
}
