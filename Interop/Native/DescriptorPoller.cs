using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Interop.Native;

/// <summary>Waits for descriptors (poll), for a time, and for who wakes it; on the waiting thread it calls who watches what came.</summary>
/// <remarks>Watching and waiting belong to one thread; <see cref="Wake"/> is for any. Source: poll(2).</remarks>
public sealed unsafe class DescriptorPoller : ICpuWaiter, IDisposable
{
    private readonly List<Watched> _watched = [];
    private readonly NotifyDescriptor _wake = NotifyDescriptor.Create();
    private Watched[] _polled = [];
    private Libc.PollFd[] _descriptors = [];
    private bool _isStale = true;
    private int _looks; // before the next sleep: all of SpinLooks after something came, ever fewer while nothing does

    /// <summary>Creates a poller that watches nothing.</summary>
    public DescriptorPoller() => Watch(_wake.Handle, () => _ = _wake.TryTake(out _)); // an eventfd of ours does not close

    /// <summary>How often to look before a sleep when something has come just now; 0 to sleep at once. A look is a system call.</summary>
    /// <remarks>A sleeping processor takes tens of microseconds to wake, as long as a whole answer does.</remarks>
    public int SpinLooks { get; init; }

    /// <summary>Descriptors watched.</summary>
    public int Count => _watched.Count - 1;

    /// <summary>From here on, <paramref name="onReadable"/> is called while the descriptor can be read, or has closed.</summary>
    /// <param name="descriptor">Kept open while it is watched.</param>
    /// <param name="onReadable">Takes what is there, or ends the watch: else it is called for ever.</param>
    public void Watch(SafeHandle descriptor, Action onReadable)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        ArgumentNullException.ThrowIfNull(onReadable);
        bool added = false;
        descriptor.DangerousAddRef(ref added); // released in Unwatch: a number in the set is never somebody else's
        _watched.Add(new Watched(descriptor, onReadable));
        _isStale = true;
    }

    /// <summary>Ends the watch; no call comes after this.</summary>
    /// <returns>False when the descriptor was not watched.</returns>
    public bool Unwatch(SafeHandle descriptor)
    {
        int index = _watched.FindIndex(watched => watched.Descriptor == descriptor);
        if (index < 0) return false;
        Watched watched = _watched[index];
        _watched.RemoveAt(index);
        watched.IsOver = true;
        descriptor.DangerousRelease();
        _isStale = true;
        return true;
    }

    /// <inheritdoc/>
    public void Wait(long timeoutNs)
    {
        if (_isStale) Collect();
        int ready = 0;
        for (int look = 0; timeoutNs > 0 && look < _looks && ready == 0; look++) ready = Poll(0);
        if (ready == 0)
        {
            if (timeoutNs > 0) _looks /= 2;
            ready = Poll(timeoutNs);
        }

        if (ready > 0) _looks = SpinLooks;
        if (ready <= 0) // late, or a signal: the caller looks again
        {
            int errno = ready < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (errno is not (0 or Libc.EIntr)) throw new IOException($"ppoll failed: errno {errno}");
            return;
        }

        Watched[] polled = _polled; // who is called may watch and unwatch
        Libc.PollFd[] descriptors = _descriptors;
        for (int i = 0; i < polled.Length && ready > 0; i++)
        {
            if (descriptors[i].Returned == 0) continue;
            ready--;
            if (!polled[i].IsOver) polled[i].OnReadable();
        }
    }

    /// <inheritdoc/>
    public void Wake() => _ = _wake.Ring(); // it is ours and open

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_watched.Count > 0) _ = Unwatch(_watched[^1].Descriptor);
        _wake.Dispose();
    }

    private int Poll(long timeoutNs)
    {
        Libc.TimeSpec time = new() { Seconds = timeoutNs / 1_000_000_000, Nanoseconds = timeoutNs % 1_000_000_000 };
        fixed (Libc.PollFd* at = _descriptors)
            return Libc.PPoll(at, (nuint)_descriptors.Length, timeoutNs == Scheduler.Forever ? null : &time, null);
    }

    private void Collect()
    {
        _isStale = false;
        _polled = [.. _watched];
        _descriptors = new Libc.PollFd[_polled.Length];
        for (int i = 0; i < _polled.Length; i++)
            _descriptors[i] = new() { Descriptor = (int)_polled[i].Descriptor.DangerousGetHandle(), Events = Libc.PollIn };
    }

    private sealed class Watched(SafeHandle descriptor, Action onReadable)
    {
        public SafeHandle Descriptor { get; } = descriptor;

        public Action OnReadable { get; } = onReadable;

        public bool IsOver { get; set; }
    }
}
