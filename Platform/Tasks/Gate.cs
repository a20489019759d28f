using System.Threading;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>The lock under which every primitive keeps its state; on virtual time, which has one thread, it costs nothing.</summary>
internal sealed class Gate(bool hasThreads)
{
    private readonly Lock? _lock = hasThreads ? new Lock() : null;

    /// <summary>Takes it until the scope is left; may be taken again within.</summary>
    public Scope Enter() => new(_lock);

    /// <summary>While this is there, the gate is held.</summary>
    internal readonly ref struct Scope
    {
        private readonly Lock? _lock;

        internal Scope(Lock? gate)
        {
            _lock = gate;
            gate?.Enter();
        }

        /// <summary>Gives it back.</summary>
        public void Dispose() => _lock?.Exit();
    }
}
