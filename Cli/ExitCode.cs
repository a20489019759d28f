namespace RemoteprocEmu.Cli;

/// <summary>What the command returns to the shell. The numbers are promised in <c>--help</c> and never change.</summary>
internal static class ExitCode
{
    /// <summary>All went as it should.</summary>
    public const int Ok = 0;

    /// <summary>The run or the check found something.</summary>
    public const int Finding = 1;

    /// <summary>The command line is wrong, or names a file that cannot be had.</summary>
    public const int Usage = 2;

    /// <summary>The file is there, and is no image that could be booted or shown.</summary>
    public const int BadInput = 3;

    /// <summary>The emulator contradicts itself: a defect of ours.</summary>
    public const int Internal = 4;

    /// <summary>Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
