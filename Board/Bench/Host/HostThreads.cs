using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;

namespace RemoteprocEmu.Board.Bench.Host;

/// <summary>What the base library does not say about threads: which core they run on, and what they have consumed.</summary>
/// <remarks>Source: sched_setaffinity(2), clock_gettime(2).</remarks>
internal static unsafe partial class HostThreads
{
    private const int CpuMax = 1024;
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID

    /// <summary>The cores that this process may run on, by number.</summary>
    public static IReadOnlyList<int> AllowedCores()
    {
        byte* mask = stackalloc byte[CpuMax / 8];
        if (SchedGetAffinity(0, CpuMax / 8, mask) < 0) return [0];
        List<int> cores = [];
        for (int core = 0; core < CpuMax; core++)
        {
            if ((mask[core / 8] & (1 << (core % 8))) != 0) cores.Add(core);
        }

        return cores;
    }

    /// <summary>Two cores that share no execution units, if there are such; one core twice where there is no other.</summary>
    public static (int First, int Second) ChooseTwo(IReadOnlyList<int> cores)
    {
        int first = cores[0];
        string siblings = Siblings(first);
        foreach (int core in cores)
        {
            if (core != first && Siblings(core) != siblings) return (first, core);
        }

        return (first, cores[^1]);
    }

    /// <summary>Binds the calling thread to a core.</summary>
    /// <returns>False when the kernel refuses.</returns>
    public static bool TryPin(int core)
    {
        byte* mask = stackalloc byte[CpuMax / 8];
        new Span<byte>(mask, CpuMax / 8).Clear();
        mask[core / 8] = (byte)(1 << (core % 8));
        return SchedSetAffinity(0, CpuMax / 8, mask) == 0;
    }

    /// <summary>Does something on the cores that the process has, whatever the calling thread is bound to.</summary>
    /// <remarks>The process's are those of its first thread, which is never bound.</remarks>
    public static T Unpinned<T>(Func<T> work)
    {
        byte* own = stackalloc byte[CpuMax / 8], all = stackalloc byte[CpuMax / 8];
        bool changes = SchedGetAffinity(0, CpuMax / 8, own) == 0 && SchedGetAffinity(Environment.ProcessId, CpuMax / 8, all) == 0 &&
            SchedSetAffinity(0, CpuMax / 8, all) == 0;
        try
        {
            return work();
        }
        finally
        {
            if (changes) _ = SchedSetAffinity(0, CpuMax / 8, own); // it was allowed before
        }
    }

    /// <summary>Time that the calling thread has had a core for, ns.</summary>
    public static long CpuNs()
    {
        long* time = stackalloc long[2];
        return ClockGetTime(ThreadCpuTime, time) == 0 ? (time[0] * 1_000_000_000) + time[1] : 0;
    }

    /// <summary>The processor's name, as the kernel has it.</summary>
    public static string CpuModel()
    {
        if (!File.Exists("/proc/cpuinfo")) return RuntimeInformation.ProcessArchitecture.ToString();
        foreach (string line in File.ReadLines("/proc/cpuinfo"))
        {
            if (!line.StartsWith("model name", StringComparison.Ordinal)) continue;
            return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }

        return RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Siblings(int core)
    {
        string path = $"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : $"{core}";
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int SchedGetAffinity(int pid, nuint lengthBytes, byte* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SchedSetAffinity(int pid, nuint lengthBytes, byte* mask);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, long* time);
}
