using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel.Nodes;

/// <summary>A character device under /dev: a name, and what happens to those who open it. Kernel: cdev, file_operations.</summary>
/// <remarks>
/// <see cref="DeviceNodes.Add"/> makes it visible, <see cref="DeviceNodes.Remove"/> invisible; files that are open by then stay open, and
/// their calls still come here. Source: include/linux/fs.h; fs/char_dev.c.
/// </remarks>
public abstract class DeviceNode
{
    private static readonly NameSeries s_names = new("/dev/", "");

    private readonly WaitQueue _waiters;
    private readonly SharedState _shared; // what a file can see: each call looks at it, and whoever wakes has changed it
    private long _wakeCount;

    /// <summary>Creates a node that nobody sees yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="name">Its name under /dev: <c>rpmsg0</c>.</param>
    /// <param name="owner">The module whose code it is, held by every open file; null when built in.</param>
    /// <param name="device">The device that it stands for; null for none of its own.</param>
    protected DeviceNode(Kernel kernel, string name, KernelModule? owner, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        Kernel = kernel;
        Name = name;
        Owner = owner;
        Device = device;
        _waiters = new WaitQueue(kernel.Scheduler, s_names[name]);
        _shared = SharedState.Of(kernel.Scheduler, s_names[name]);
    }

    /// <summary>Where.</summary>
    public Kernel Kernel { get; }

    /// <summary>Its name under /dev.</summary>
    public string Name { get; }

    /// <summary>The device that it stands for; null for none of its own.</summary>
    public Device? Device { get; }

    /// <summary>The module whose code it is; null when built in.</summary>
    public KernelModule? Owner { get; }

    /// <summary>Files that are open.</summary>
    public int OpenCount { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => s_names[Name];

    /// <summary>open(2). Kernel: file_operations.open.</summary>
    /// <returns>Ok, or why not; then <see cref="ReleaseAsync"/> is not called.</returns>
    protected internal virtual ValueTask<Errno> OpenAsync(DeviceFile file) => new(Errno.Ok);

    /// <summary>The last close(2), once no call is under way any more. Kernel: file_operations.release.</summary>
    protected internal virtual ValueTask ReleaseAsync(DeviceFile file) => ValueTask.CompletedTask;

    /// <summary>read(2). Kernel: file_operations.read_iter.</summary>
    protected internal virtual ValueTask<IoResult> ReadAsync(DeviceFile file, Memory<byte> buffer) => new(IoResult.Failed(Errno.EINVAL));

    /// <summary>write(2). Kernel: file_operations.write_iter.</summary>
    protected internal virtual ValueTask<IoResult> WriteAsync(DeviceFile file, ReadOnlyMemory<byte> buffer) =>
        new(IoResult.Failed(Errno.EINVAL));

    /// <summary>ioctl(2). Kernel: file_operations.unlocked_ioctl.</summary>
    /// <param name="file">The file.</param>
    /// <param name="command">Which.</param>
    /// <param name="argument">The third argument of ioctl(2), where that is a number.</param>
    /// <param name="memory">What the third argument points at, where it is a pointer: EFAULT when that is too short.</param>
    protected internal virtual ValueTask<Errno> IoctlAsync(DeviceFile file, uint command, ulong argument, Memory<byte> memory) =>
        new(Errno.ENOTTY);

    /// <summary>What a file is ready for now. Kernel: file_operations.poll; by default DEFAULT_POLLMASK.</summary>
    protected internal virtual ValueTask<PollEvents> PollAsync(DeviceFile file) =>
        new(PollEvents.In | PollEvents.Out | PollEvents.RdNorm | PollEvents.WrNorm);

    /// <summary>Something has changed: whoever sleeps in a call, or in poll(2), looks again. Kernel: wake_up_interruptible.</summary>
    protected internal void WakeAll()
    {
        _shared.Write();
        _wakeCount++;
        _waiters.WakeAll();
    }

    /// <summary>Sleeps in a call until <see cref="WakeAll"/> finds the condition true. Kernel: wait_event_interruptible.</summary>
    /// <returns>Ok; ERESTARTSYS when a signal came.</returns>
    protected async ValueTask<Errno> WaitAsync<T>(T state, Func<T, bool> condition) =>
        await _waiters.WaitAsync(state, condition, interruptible: true) == WaitResult.Ok ? Errno.Ok : Errno.ERESTARTSYS;

    /// <summary>A call begins.</summary>
    internal void Enter() => _shared.Write(); // what it takes, another cannot have

    /// <summary>poll(2) on one file.</summary>
    internal async ValueTask<(Errno Errno, PollEvents Events)> PollAsync(DeviceFile file, PollEvents wanted, long timeoutNs)
    {
        wanted |= PollEvents.Err | PollEvents.Hup;
        long nowNs = Kernel.Scheduler.NowNs;
        long deadlineNs = timeoutNs >= Scheduler.Forever - nowNs ? Scheduler.Forever : nowNs + timeoutNs;
        while (true)
        {
            (DeviceNode Node, long WakeCount) seen = (this, _wakeCount); // before the look: a change after it is not missed
            PollEvents events = await PollAsync(file) & wanted;
            long leftNs = deadlineNs == Scheduler.Forever ? deadlineNs : Math.Max(deadlineNs - Kernel.Scheduler.NowNs, 0);
            if (events != PollEvents.None || leftNs == 0) return (Errno.Ok, events);
            WaitResult result = await _waiters.WaitAsync(seen, static seen => seen.Node._wakeCount != seen.WakeCount, leftNs, true);
            if (result == WaitResult.Interrupted) return (Errno.EINTR, PollEvents.None);
        }
    }
}
