using System.Threading.Tasks;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Platform.RemoteCores;

/// <summary>
/// What runs behind the doorbell: told start, stop, attach, detach and kick, it knows memory and doorbells and no lifecycle.
/// </summary>
/// <remarks>Called by a platform driver's rproc_ops, on the host processor. What the core does in between happens on its own.</remarks>
public interface IRemoteCore
{
    /// <summary>Brings up what the core needs before its table can be read: a power domain, or the link to another process.</summary>
    /// <returns>Ok, or why it cannot; nothing is up then.</returns>
    ValueTask<Errno> PrepareAsync() => ValueTask.FromResult(Errno.Ok);

    /// <summary>The opposite of <see cref="PrepareAsync"/>; the core has been stopped or detached from.</summary>
    ValueTask UnprepareAsync() => ValueTask.CompletedTask;

    /// <summary>Lets the core out of reset at <see cref="CoreStart.BootAddress"/>. Returns before its first instruction.</summary>
    /// <returns>Ok, or why it cannot start; it is then still in reset.</returns>
    ValueTask<Errno> StartAsync(CoreStart start);

    /// <summary>Holds the core in reset. When this returns Ok, it no longer reads or writes anything.</summary>
    ValueTask<Errno> StopAsync();

    /// <summary>Adopts a core that something else has started.</summary>
    ValueTask<Errno> AttachAsync(CoreStart start);

    /// <summary>Leaves the core running, on its own again.</summary>
    ValueTask<Errno> DetachAsync();

    /// <summary>Rings the core's doorbell.</summary>
    /// <param name="notifyId">The notifyid of the vring in question.</param>
    void Kick(int notifyId);

    /// <summary>Makes a core in reset as new, counters and all, for another run of its machine.</summary>
    /// <returns>False, with nothing changed, when it cannot: its machine is then good for one run.</returns>
    bool TryRewind() => false;
}

/// <summary>What a core is given when it starts.</summary>
/// <param name="BootAddress">The image's entry point, as is (with the Thumb bit, if it has one).</param>
/// <param name="Memory">Memory, as the core reaches it.</param>
/// <param name="TableAddress">
/// Where the image's resource table lies at run time: firmware knows it from its own linker script. Any when there is none.
/// </param>
/// <param name="TableLengthBytes">Its size; 0 when there is none.</param>
/// <param name="HostDoorbell">Rings the host; the line is a notifyid.</param>
/// <param name="CrashLine">Rings the host's watchdog or fault interrupt; the line is the crash type.</param>
public sealed record CoreStart(
    ulong BootAddress,
    RemoteMemory Memory,
    DeviceAddress TableAddress,
    int TableLengthBytes,
    Doorbell HostDoorbell,
    Doorbell CrashLine);
