namespace RemoteprocEmu.Platform.Tasks;

/// <summary>How a processor of the <see cref="ThreadedScheduler"/> waits while none of its tasks can run.</summary>
/// <remarks>
/// For a processor that hears of the outside through descriptors: it sleeps in the system's poll, and what wakes it runs on its own
/// thread, between two steps of its tasks. So a message from outside costs no hand-over from thread to thread, and needs no lock.
/// </remarks>
public interface ICpuWaiter
{
    /// <summary>Looks at what has come from outside, and sleeps until something comes, or <see cref="Wake"/> is called.</summary>
    /// <param name="timeoutNs">Bound, ns; 0 to look once, <see cref="Scheduler.Forever"/> for none. It may return earlier.</param>
    void Wait(long timeoutNs);

    /// <summary>Ends the wait, or the next one if there is none now. From any thread.</summary>
    void Wake();
}
