using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Platform.Watch;

/// <summary>Who watches a run for broken rules. Each part of the machine says here what it alone can see.</summary>
/// <remarks>
/// Reached through <see cref="Scheduler.Watch"/>, which is null where nobody watches: it costs the test of a field. A call tells a fact and
/// changes nothing. In virtual time only; all calls come from the thread that runs it.
/// </remarks>
public interface IWatch
{
    /// <summary>Firmware takes a ring's entry of its table for true, and goes on to use the ring.</summary>
    /// <param name="vdev">Place of the vdev in the table.</param>
    /// <param name="vring">Place of the ring in the vdev.</param>
    /// <param name="address">The da that it has read; it may be unset.</param>
    /// <param name="notifyId">The notifyid that it has read; -1 (0xffffffff) is unset.</param>
    void RingTaken(int vdev, int vring, DeviceAddress address, int notifyId);

    /// <summary>A remote processor uses a ring, or a message buffer that it has from one, in memory that was given back.</summary>
    /// <param name="block">The memory.</param>
    /// <param name="vdev">Place of the vdev in the table.</param>
    /// <param name="vring">Place of the ring in the vdev.</param>
    /// <param name="isBuffer">Whether it is a buffer of that ring; otherwise it is the ring.</param>
    void UsedAfterFree(MemoryBlock block, int vdev, int vring, bool isBuffer);

    /// <summary>A remote processor has stopped using a ring, because of what it found in it.</summary>
    /// <param name="vdev">Place of the vdev in the table.</param>
    /// <param name="vring">Place of the ring in the vdev.</param>
    /// <param name="fault">What it found, and the number that gave it away.</param>
    /// <param name="isMemory">Whether an address led to no memory; otherwise the driver broke the protocol.</param>
    void RingRefused(int vdev, int vring, string fault, bool isMemory);

    /// <summary>The host has stopped using a queue, because of what it found in it.</summary>
    /// <param name="queue">The queue: <c>virtio0 input</c>.</param>
    /// <param name="reason">What it found, in the log's words.</param>
    void QueueBroken(string queue, string reason);

    /// <summary>A device is taken away while a child of its is still there.</summary>
    void OutlivesParent(string child, string parent);

    /// <summary>A function of a driver is called that is bound no longer, or whose module is unloaded.</summary>
    /// <param name="what">What is called: a queue's callback, an endpoint's handler.</param>
    /// <param name="driver">The driver.</param>
    void CalledAfterExit(string what, string driver);

    /// <summary>A task slept though its condition held: whoever made it hold has woken nobody.</summary>
    /// <param name="task">The task; it goes on now.</param>
    /// <param name="queue">What it slept on.</param>
    void LostWakeUp(KernelTask task, WaitQueue queue);

    /// <summary>A processor has one user more: a boot was asked for and has returned Ok.</summary>
    /// <param name="processor">Its device: <c>remoteproc0</c>.</param>
    void UserCame(string processor);

    /// <summary>A processor has one user less: a shutdown or a detach was asked for and has returned Ok.</summary>
    /// <param name="processor">Its device.</param>
    void UserWent(string processor);

    /// <summary>A processor has no user: it is new, or was switched off over their heads.</summary>
    /// <param name="processor">Its device.</param>
    void UsersGone(string processor);
}
