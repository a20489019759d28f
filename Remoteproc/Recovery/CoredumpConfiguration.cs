namespace RemoteprocEmu.Remoteproc.Recovery;

/// <summary>Whether and how a crash is dumped. Source: include/linux/remoteproc.h, enum rproc_dump_mechanism.</summary>
public enum CoredumpConfiguration
{
    /// <summary>Not. The default since v5.10.</summary>
    Disabled = 0,
    /// <summary>The whole memory is copied, and the recovery goes on.</summary>
    Enabled = 1,
    /// <summary>Memory is read as the dump is read; the recovery waits for the reader.</summary>
    Inline = 2,
}

/// <summary>The words of sysfs.</summary>
public static class CoredumpWords
{
    /// <summary>The word that sysfs shows.</summary>
    public static string Word(this CoredumpConfiguration configuration) => configuration switch
    {
        CoredumpConfiguration.Enabled => "enabled",
        CoredumpConfiguration.Inline => "inline",
        _ => "disabled",
    };

    /// <summary>The configuration of a word; null for a word that is none.</summary>
    public static CoredumpConfiguration? Parse(string word) => word switch
    {
        "disabled" => CoredumpConfiguration.Disabled,
        "enabled" => CoredumpConfiguration.Enabled,
        "inline" => CoredumpConfiguration.Inline,
        _ => null,
    };
}
