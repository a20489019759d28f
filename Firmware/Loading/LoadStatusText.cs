using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Loading;

/// <summary>The rule behind each <see cref="LoadStatus"/>.</summary>
public static class LoadStatusText
{
    /// <summary>What the kernel's call returns.</summary>
    public static Errno ToErrno(this LoadStatus status) => status switch
    {
        LoadStatus.Ok => Errno.Ok,
        LoadStatus.TooLargeForHost => Errno.EOVERFLOW,
        _ => Errno.EINVAL,
    };

    /// <summary>The stable name of the rule, <c>ELF-21</c>.</summary>
    public static string RuleId(this LoadStatus status) => status switch
    {
        LoadStatus.Ok => "",
        LoadStatus.FileLargerThanMemory => "ELF-21",
        LoadStatus.PastEndOfFile => "ELF-22",
        _ => "ELF-23",
    };

    /// <summary>What is wrong, in half a sentence.</summary>
    public static string Explanation(this LoadStatus status) => status switch
    {
        LoadStatus.Ok => "loadable",
        LoadStatus.FileLargerThanMemory => "segment has more bytes in the file than in memory",
        LoadStatus.PastEndOfFile => "segment ends past the end of the file",
        _ => "segment is larger than the host can address",
    };
}
