using System;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>Where the buffers of a ring lie: judges each, and remembers the window in which the last one lay.</summary>
/// <param name="memory">Memory, as the remote reaches it.</param>
internal struct RemoteBufferMap(RemoteMemory memory) : IBufferMap
{
    private MemoryWindow _window;
    private bool _keepsWindow;

    /// <summary>Length of the buffer that was refused last.</summary>
    public uint RefusedBytes { get; private set; }

    /// <summary>A batch begins: what was looked up earlier counts only if it would come out the same now.</summary>
    public void Begin(bool keepsWindow)
    {
        _keepsWindow = keepsWindow;
        if (!_window.IsCurrent) _window = default;
    }

    /// <summary>Forgets what was looked up.</summary>
    public void Forget() => _window = default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryResolve(ulong address, uint lengthBytes, out nint start) =>
        (_window.TryFind(address, lengthBytes, out start) && lengthBytes >= RpmsgHeader.SizeBytes)
        || TryLookUp(address, lengthBytes, out start);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryLookUp(ulong address, uint lengthBytes, out nint start)
    {
        start = 0;
        RefusedBytes = lengthBytes;
        if (lengthBytes < RpmsgHeader.SizeBytes) return false; // no room for a header
        if (!memory.TrySlice(new DeviceAddress(address), lengthBytes, out Span<byte> bytes)) return false;
        if (_keepsWindow) _ = memory.TryOpenWindow(new DeviceAddress(address), out _window);
        start = HostBytes.StartOf(bytes);
        return true;
    }
}
