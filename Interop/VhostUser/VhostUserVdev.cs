using System;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>The device of a back end, as its own half sees it.</summary>
/// <remarks>
/// Front ends that do not pass the status byte on (Linux does not) still say when a driver is there: both rings are set up and enabled,
/// and one was kicked. That counts as DRIVER_OK until a ring is disabled, stopped or set up anew.
/// </remarks>
public sealed class VhostUserVdev : IRemoteVdev
{
    private readonly VhostUserBackend _backend;

    internal VhostUserVdev(VhostUserBackend backend) => _backend = backend;

    /// <inheritdoc/>
    public byte Status => (byte)_backend.Status;

    /// <inheritdoc/>
    public long ResetCount => _backend.ResetCount;

    /// <inheritdoc/>
    public ulong DriverFeatures => _backend.DriverFeatures;

    /// <inheritdoc/>
    public RemoteVring GetVring(int index) => _backend.DescribeRing(index);

    /// <inheritdoc/>
    public bool TryReadConfig(int offset, Span<byte> destination) => _backend.TryReadConfig(offset, destination);

    /// <inheritdoc/>
    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) => _backend.TryWriteConfig(offset, source);

    /// <inheritdoc/>
    public bool SetNeedsReset() => _backend.SetNeedsReset();
}
