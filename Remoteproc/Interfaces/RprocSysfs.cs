using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Recovery;

namespace RemoteprocEmu.Remoteproc.Interfaces;

/// <summary>The files of <c>/sys/class/remoteproc/remoteprocN/</c>: the kernel's words and errnos.</summary>
/// <remarks>Source: remoteproc_sysfs.c (v6.12). A write takes one trailing newline (sysfs_streq).</remarks>
public sealed class RprocSysfs(Rproc rproc)
{
    private static readonly string[] s_files = ["coredump", "firmware", "name", "recovery", "state"];

    /// <summary>The files, sorted.</summary>
    public static IReadOnlyList<string> Files => s_files;

    /// <summary>The mode of a file: 0644, or 0444 where writing is not for anybody.</summary>
    /// <returns>The mode; 0 for a file that does not exist.</returns>
    public int Mode(string file) => Array.IndexOf(s_files, file) < 0 ? 0
        : file == "name" || rproc.Config.SysfsReadOnly ? Convert.ToInt32("444", 8)
        : Convert.ToInt32("644", 8);

    /// <summary>Reads a file.</summary>
    /// <returns>Its content, with newline; null for a file that does not exist (ENOENT).</returns>
    public string? Read(string file) => file switch
    {
        "state" => rproc.State.Word() + "\n",
        "firmware" => (rproc.State == RprocState.Attached ? "unknown" : rproc.FirmwareName) + "\n",
        "name" => rproc.RprocName + "\n",
        "recovery" => (rproc.RecoveryDisabled ? "disabled" : "enabled") + "\n",
        "coredump" => rproc.Coredump.Configuration.Word() + "\n",
        _ => null,
    };

    /// <summary>Writes a file.</summary>
    /// <returns>
    /// Ok; ENOENT; EACCES where the mode forbids it; EINVAL for a word the file does not know; or what the action returned.
    /// </returns>
    public async ValueTask<Errno> WriteAsync(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int mode = Mode(file);
        if (mode == 0) return Errno.ENOENT;
        if ((mode & Convert.ToInt32("200", 8)) == 0) return Errno.EACCES;
        string word = text.EndsWith('\n') ? text[..^1] : text;
        return file switch
        {
            "state" => await WriteStateAsync(word),
            "firmware" => await rproc.SetFirmwareAsync(text),
            "recovery" => await WriteRecoveryAsync(word),
            _ => WriteCoredump(word),
        };
    }

    /// <remarks>Kernel: state_store. Since v5.19 a start of what runs counts one more user and returns 0; before, it was -EBUSY.</remarks>
    private async ValueTask<Errno> WriteStateAsync(string word)
    {
        switch (word)
        {
            case "start":
                Errno errno = await rproc.BootAsync();
                if (errno != Errno.Ok) rproc.Log.Error(rproc, $"Boot failed: {errno.Kernel()}");
                return errno;
            case "stop":
                return await rproc.ShutdownAsync();
            case "detach":
                return await rproc.DetachAsync();
            default:
                rproc.Log.Error(rproc, $"Unrecognised option: {word}");
                return Errno.EINVAL;
        }
    }

    /// <remarks>Kernel: recovery_store. The recovery's own result is dropped.</remarks>
    internal async ValueTask<Errno> WriteRecoveryAsync(string word)
    {
        switch (word)
        {
            case "enabled":
                rproc.RecoveryDisabled = false;
                _ = await rproc.TriggerRecoveryAsync();
                return Errno.Ok;
            case "disabled":
                rproc.RecoveryDisabled = true;
                return Errno.Ok;
            case "recover":
                _ = await rproc.TriggerRecoveryAsync();
                return Errno.Ok;
            default:
                return Errno.EINVAL;
        }
    }

    /// <remarks>Kernel: coredump_store.</remarks>
    private Errno WriteCoredump(string word)
    {
        if (rproc.State == RprocState.Crashed)
        {
            rproc.Log.Error(rproc, "can't change coredump configuration");
            return Errno.EBUSY;
        }

        if (CoredumpWords.Parse(word) is not { } configuration)
        {
            rproc.Log.Error(rproc, "Invalid coredump configuration");
            return Errno.EINVAL;
        }

        rproc.Coredump.Configuration = configuration;
        return Errno.Ok;
    }
}
