using System.Threading.Tasks;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>Firmware written in C#: what a <see cref="ScriptedCore"/> runs from reset on.</summary>
/// <remarks>
/// <code>
/// public sealed class HelloProgram : RemoteProgram
/// {
///     public override string Name => "hello";
///
///     public override async ValueTask RunAsync(RemoteContext context)
///     {
///         context.Trace.WriteLine("hello: boot");
///         while (true) _ = await context.WaitKickAsync();
///     }
/// }
/// </code>
/// One object serves one core for all its runs. What a restart must forget is a local of <see cref="RunAsync"/>: that is the firmware's
/// RAM. What it must keep, a count for a test or a fuse that blows once, is a field.
/// <para>A program awaits nothing but its context and the primitives of Platform/Tasks. An exception that escapes is a crash of the
/// firmware; it ends the run and the host hears of it.</para>
/// </remarks>
public abstract class RemoteProgram
{
    /// <summary>What a person calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it waits for DRIVER_OK before it believes what its table says of a ring; most firmware does.</summary>
    /// <remarks>
    /// One that does not reads the table once, when it boots, as firmware did for kernels up to v4.9: whoever watches a run judges it by
    /// what stands there at its first instruction.
    /// </remarks>
    public virtual bool WaitsForDriver => true;

    /// <summary>The firmware, from its first instruction. When it returns, the core idles until it is stopped.</summary>
    public abstract ValueTask RunAsync(RemoteContext context);

    /// <summary>The whole machine is made as new: fields forget what they kept over restarts.</summary>
    public virtual void Rewind() { }
}
