using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Subdevices;

/// <summary>Something that comes up and goes down with the processor: a vdev, or what a platform driver adds.</summary>
/// <remarks>
/// Brackets the processor: prepare, [start of the processor], start; stop, [stop of the processor], unprepare. Each hook is optional.
/// Source: include/linux/remoteproc.h, struct rproc_subdev (prepare and unprepare since v4.19).
/// </remarks>
public abstract class Subdevice(string name)
{
    /// <summary>What a person calls it.</summary>
    public string Name { get; } = name;

    /// <summary>Before the processor starts. On an error it holds nothing.</summary>
    public virtual ValueTask<Errno> PrepareAsync() => new(Errno.Ok);

    /// <summary>After the processor has started. On an error it holds nothing.</summary>
    public virtual ValueTask<Errno> StartAsync() => new(Errno.Ok);

    /// <summary>Before the processor is stopped.</summary>
    /// <param name="crashed">The processor is dead already, or failed to come up.</param>
    public virtual ValueTask StopAsync(bool crashed) => ValueTask.CompletedTask;

    /// <summary>After the processor was stopped.</summary>
    public virtual ValueTask UnprepareAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
