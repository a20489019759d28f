using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>A trace sink that keeps steps, frees and status changes as words, in order.</summary>
internal sealed class StepRecorder(string name) : ITraceSink
{
    private readonly List<string> _steps = [];

    public void Emit(in TraceEvent traceEvent)
    {
        switch (traceEvent.Kind)
        {
            case TraceKind.Step: _steps.Add(traceEvent.Name); break;
            case TraceKind.MemoryAllocated: _steps.Add($"allocate {traceEvent.Name}"); break;
            case TraceKind.MemoryFreed: _steps.Add($"free {traceEvent.Name}"); break;
            case TraceKind.State when traceEvent.Name.StartsWith("rproc-virtio", StringComparison.Ordinal):
                _steps.Add($"status 0x{traceEvent.B:x}");
                break;
            case TraceKind.State when traceEvent.Name.StartsWith("remoteproc", StringComparison.Ordinal):
                _steps.Add($"state {traceEvent.B}");
                break;
            default: break;
        }
    }

    public IReadOnlyList<string> Steps => _steps;

    public void Clear() => _steps.Clear();

    public int IndexOf(string step) => _steps.IndexOf(step);

    public int LastIndexOf(string step) => _steps.LastIndexOf(step);

    public override string ToString() => $"{name}: {string.Join(", ", _steps)}";
}
