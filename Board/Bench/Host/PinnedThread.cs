using System;
using System.Threading;

namespace RemoteprocEmu.Board.Bench.Host;

/// <summary>A thread on a core of its own that does one thing after the other.</summary>
internal sealed class PinnedThread : IDisposable
{
    private readonly Thread _thread;
    private readonly SemaphoreSlim _given = new(0);
    private readonly ManualResetEventSlim _done = new(false, spinCount: 0); // who waits leaves the core alone
    private Action? _work;
    private Exception? _failure;

    /// <summary>Starts it.</summary>
    /// <param name="name">Shown by tools.</param>
    /// <param name="core">The core.</param>
    public PinnedThread(string name, int core)
    {
        Core = core;
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>The core.</summary>
    public int Core { get; }

    /// <summary>Whether the kernel has bound it there; known after the first <see cref="Wait"/>.</summary>
    public bool IsPinned { get; private set; }

    /// <summary>Gives it something to do; <see cref="Wait"/> follows.</summary>
    public void Begin(Action work)
    {
        _done.Reset();
        _work = work;
        _ = _given.Release();
    }

    /// <summary>Waits until it is done.</summary>
    /// <exception cref="Exception">What the work threw.</exception>
    public void Wait()
    {
        _done.Wait();
        if (_failure is not { } failure) return;
        _failure = null;
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Has it do something, and waits for it.</summary>
    public void Do(Action work)
    {
        Begin(work);
        Wait();
    }

    /// <summary>Ends the thread; it does nothing now.</summary>
    public void Dispose()
    {
        _work = null;
        _ = _given.Release();
        _thread.Join();
        _given.Dispose();
        _done.Dispose();
    }

    private void Loop()
    {
        IsPinned = HostThreads.TryPin(Core);
        while (true)
        {
            _given.Wait();
            if (_work is not { } work) return;
            try
            {
                work();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _failure = exception; // thrown where it is waited for
            }

            _done.Set();
        }
    }
}
