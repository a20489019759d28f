using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Firmware.Dump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Recovery;
using RemoteprocEmu.Remoteproc.Resources;

namespace RemoteprocEmu.Remoteproc.Interfaces;

/// <summary>The files of <c>debugfs/remoteproc/remoteprocN/</c>.</summary>
/// <remarks>Source: remoteproc_debugfs.c (v6.12).</remarks>
public sealed class RprocDebugfs(Rproc rproc)
{
    /// <summary>The files, the trace buffers of the running image among them.</summary>
    public IReadOnlyList<string> Files
    {
        get
        {
            List<string> files = ["carveout_memories", "coredump", "crash", "name", "recovery", "resource_table"];
            foreach (TraceBuffer trace in rproc.Traces) files.Add(trace.Name);
            return files;
        }
    }

    /// <summary>Reads a file.</summary>
    /// <returns>Its content; null for one that does not exist or cannot be read.</returns>
    public string? Read(string file)
    {
        foreach (TraceBuffer trace in rproc.Traces)
        {
            if (trace.Name == file) return trace.Read();
        }

        return file switch
        {
            "name" => rproc.RprocName + "\n",
            "recovery" => (rproc.RecoveryDisabled ? "disabled" : "enabled") + "\n",
            "coredump" => rproc.Coredump.Configuration.Word() + "\n",
            "carveout_memories" => ReadCarveouts(),
            "resource_table" => ReadTable(),
            _ => null,
        };
    }

    /// <summary>Writes a file.</summary>
    /// <returns>Ok; EACCES for one that takes no writes; EINVAL for a length or a word it does not take.</returns>
    public async ValueTask<Errno> WriteAsync(string file, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string word = text.EndsWith('\n') ? text[..^1] : text;
        switch (file)
        {
            case "crash":
                if (!TryParseCrashType(word, out RprocCrashType type)) return Errno.EINVAL;
                rproc.ReportCrash(type);
                return Errno.Ok;
            case "recovery":
                return text.Length is 0 or > 10 ? Errno.EINVAL : await new RprocSysfs(rproc).WriteRecoveryAsync(word);
            case "coredump":
                if (text.Length is 0 or > 20 || CoredumpWords.Parse(word) is not { } configuration) return Errno.EINVAL;
                if (rproc.State == RprocState.Crashed) return Errno.EBUSY;
                rproc.Coredump.Configuration = configuration;
                return Errno.Ok;
            default:
                return Errno.EACCES;
        }
    }

    private static bool TryParseCrashType(string word, out RprocCrashType type) // kstrtouint with base 0
    {
        bool hex = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool parsed = uint.TryParse(hex ? word.AsSpan(2) : word, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
            CultureInfo.InvariantCulture, out uint number);
        type = (RprocCrashType)number;
        return parsed;
    }

    private string ReadCarveouts()
    {
        StringBuilder text = new();
        foreach (Carveout carveout in rproc.Carveouts.Items)
        {
            _ = text.Append("Carveout memory entry:\n")
                .Append(CultureInfo.InvariantCulture, $"\tName: {carveout.Name}\n")
                .Append(CultureInfo.InvariantCulture, $"\tDMA address: 0x{carveout.PhysicalAddress.Value:x8}\n")
                .Append(CultureInfo.InvariantCulture, $"\tDevice address: 0x{carveout.DeviceAddress.Value:x8}\n")
                .Append(CultureInfo.InvariantCulture, $"\tLength: 0x{carveout.LengthBytes:x} Bytes\n\n");
        }

        return text.ToString();
    }

    private string ReadTable() =>
        !rproc.Table.HasTable ? "No resource table found\n"
        : ResourceTableDump.ToText(new ResourceTableSection( // a copy: the firmware may write to it meanwhile
            rproc.Table.InEffect.ToArray(), ElfByteOrder.Little, 0, rproc.TableAddress, 0));
}
