using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.DriverModel.Log;

/// <summary>The kernel log: the kernel's words, so that a user's log and ours are found by the same search.</summary>
/// <remarks>Keeps the newest <see cref="LineCountMax"/> lines. Source: kernel/printk; drivers/base/core.c, dev_printk.</remarks>
public sealed class KernelLog(Scheduler scheduler)
{
    /// <summary>Lines kept; older ones are dropped and counted.</summary>
    public const int LineCountMax = 65_536;

    private readonly Queue<LogLine> _lines = new();
    private readonly Dictionary<string, RateLimit> _rateLimits = [];
    private readonly object _gate = new();

    /// <summary>Called with each line as it is written, on the task that writes it.</summary>
    public event Action<LogLine>? LineWritten;

    /// <summary>
    /// Whether lines are kept. Switched off, a line that neither a listener nor the trace wants is not even put together.
    /// </summary>
    public bool KeepsLines { get; set; } = true;

    /// <summary>Whether a line that is written now reaches anybody.</summary>
    public bool IsWanted => KeepsLines || LineWritten is not null || scheduler.Trace.IsOn;

    /// <summary>Lines that were dropped because newer ones came.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>The lines, oldest first: a copy.</summary>
    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    /// <summary>Writes a line without a device. Kernel: pr_info and its sisters.</summary>
    public void Write(LogLevel level, string text)
    {
        if (!IsWanted) return;
        LogLine line = new(scheduler.NowNs, level, text);
        if (KeepsLines) Keep(line);
        scheduler.Trace.Emit(TraceKind.Log, text, (ulong)level, 0);
        LineWritten?.Invoke(line);
    }

    /// <inheritdoc cref="Write(LogLevel, string)"/>
    public void Write(LogLevel level, [InterpolatedStringHandlerArgument("")] ref LogText text)
    {
        if (text.IsWanted) Write(level, text.Take());
    }

    /// <summary>Writes an error about a device. Kernel: dev_err.</summary>
    public void Error(Device device, string text) => Write(LogLevel.Error, device, text);

    /// <inheritdoc cref="Error(Device, string)"/>
    public void Error(Device device, [InterpolatedStringHandlerArgument("", nameof(device))] ref LogText text) =>
        Write(LogLevel.Error, ref text);

    /// <summary>Writes a warning about a device. Kernel: dev_warn.</summary>
    public void Warning(Device device, string text) => Write(LogLevel.Warning, device, text);

    /// <inheritdoc cref="Warning(Device, string)"/>
    public void Warning(Device device, [InterpolatedStringHandlerArgument("", nameof(device))] ref LogText text) =>
        Write(LogLevel.Warning, ref text);

    /// <summary>Writes a line about a device. Kernel: dev_info.</summary>
    public void Info(Device device, string text) => Write(LogLevel.Info, device, text);

    /// <inheritdoc cref="Info(Device, string)"/>
    public void Info(Device device, [InterpolatedStringHandlerArgument("", nameof(device))] ref LogText text) =>
        Write(LogLevel.Info, ref text);

    /// <summary>Writes a warning about a device, at most ten times in five seconds for each <paramref name="site"/>.</summary>
    /// <remarks>Kernel: dev_warn_ratelimited; lib/ratelimit.c, DEFAULT_RATELIMIT_INTERVAL and _BURST.</remarks>
    public void WarningRateLimited(Device device, string site, string text) => WriteRateLimited(LogLevel.Warning, device, site, text);

    /// <summary>Writes an error about a device, at most ten times in five seconds for each <paramref name="site"/>.</summary>
    /// <remarks>Kernel: dev_err_ratelimited.</remarks>
    public void ErrorRateLimited(Device device, string site, string text) => WriteRateLimited(LogLevel.Error, device, site, text);

    private void WriteRateLimited(LogLevel level, Device device, string site, string text)
    {
        int suppressedCount;
        lock (_gate)
        {
            if (!_rateLimits.TryGetValue(site, out RateLimit? limit)) _rateLimits.Add(site, limit = new RateLimit());
            if (!limit.TryPass(scheduler.NowNs, out suppressedCount)) return;
        }

        if (suppressedCount > 0) Write(LogLevel.Warning, $"{site}: {suppressedCount} callbacks suppressed");
        Write(level, device, text);
    }

    /// <summary>Makes it as new: empty, with every rate limit at its beginning. Who listens goes on listening.</summary>
    internal void Rewind()
    {
        lock (_gate)
        {
            _lines.Clear();
            _rateLimits.Clear();
            DroppedCount = 0;
        }
    }

    internal static string Prefix(Device device) => $"{device.DriverString} {device.Name}: ";

    private void Write(LogLevel level, Device device, string text)
    {
        if (IsWanted) Write(level, Prefix(device) + text);
    }

    private void Keep(in LogLine line)
    {
        lock (_gate)
        {
            if (_lines.Count == LineCountMax)
            {
                _ = _lines.Dequeue();
                DroppedCount++;
            }

            _lines.Enqueue(line);
        }
    }

    private sealed class RateLimit
    {
        private const long IntervalNs = 5_000_000_000;
        private const int Burst = 10;
        private long _beginNs = -1;
        private int _passed;
        private int _suppressed;

        public bool TryPass(long nowNs, out int suppressedCount)
        {
            suppressedCount = 0;
            if (_beginNs < 0 || nowNs - _beginNs > IntervalNs)
            {
                suppressedCount = _suppressed;
                _beginNs = nowNs;
                _passed = 0;
                _suppressed = 0;
            }

            if (_passed < Burst)
            {
                _passed++;
                return true;
            }

            _suppressed++;
            return false;
        }
    }
}
