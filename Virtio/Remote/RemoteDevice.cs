using System;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Remote;

/// <summary>
/// A device half with one ring to send on and one to receive on: it comes and goes with its driver, and stops a ring whose driver breaks
/// the protocol.
/// </summary>
/// <remarks>
/// Ring 0 is the driver's input: the device takes buffers that the driver lent, and returns them full. Ring 1 is the driver's output.
/// One task at a time. A driver that resets the device is noticed at the next call, by the status byte or by a ring that was made anew.
/// </remarks>
public abstract class RemoteDevice : IRemoteDevice
{
    private readonly IRemoteVdev _vdev;
    private readonly Action<int> _kick;
    private bool _draining;

    /// <summary>Creates a device half that no driver was seen for.</summary>
    /// <param name="scheduler">Whose watch sees what is used.</param>
    /// <param name="memory">Memory, as the device reaches it.</param>
    /// <param name="vdev">Its transport.</param>
    /// <param name="kick">Interrupts the driver, with a ring's notifyid.</param>
    /// <param name="segmentsMax">Segments that it takes in a chain.</param>
    protected RemoteDevice(Scheduler scheduler, RemoteMemory memory, IRemoteVdev vdev, Action<int> kick, int segmentsMax)
    {
        ArgumentNullException.ThrowIfNull(vdev);
        ArgumentNullException.ThrowIfNull(kick);
        _vdev = vdev;
        _kick = kick;
        SendQueue = new RemoteChainQueue(scheduler, memory, vringIndex: 0, segmentsMax);
        ReceiveQueue = new RemoteChainQueue(scheduler, memory, vringIndex: 1, segmentsMax);
    }

    /// <summary>Place of the device among those of its processor, for reports.</summary>
    public int VdevIndex
    {
        get => SendQueue.VdevIndex;
        init => SendQueue.VdevIndex = ReceiveQueue.VdevIndex = value;
    }

    /// <inheritdoc/>
    public bool IsLinked { get; private set; }

    /// <inheritdoc/>
    public long LinkCount { get; private set; }

    /// <inheritdoc/>
    public long ReceivedCount { get; protected set; }

    /// <inheritdoc/>
    public long SentCount { get; protected set; }

    /// <inheritdoc/>
    public long KickCount { get; private set; }

    /// <inheritdoc/>
    public RemoteQueueFault SendFault => SendQueue.Fault;

    /// <inheritdoc/>
    public RemoteQueueFault ReceiveFault => ReceiveQueue.Fault;

    /// <summary>The transport.</summary>
    protected IRemoteVdev Vdev => _vdev;

    /// <summary>The ring on which it sends.</summary>
    protected RemoteChainQueue SendQueue { get; }

    /// <summary>The ring on which it receives.</summary>
    protected RemoteChainQueue ReceiveQueue { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It is polled already, and this comes from a handler.</exception>
    public bool PollOnce()
    {
        if (_draining) throw new InvalidOperationException("a handler must not poll");
        if (!Refresh()) return false;
        _draining = true;
        try
        {
            ReceiveQueue.DisarmKick();
            for (int budget = ReceiveQueue.QueueSize; budget > 0; budget--)
            {
                if (ReceiveQueue.TryTake(isWritable: false) != RemoteIoStatus.Ok) break;
                Receive();
                ReceiveQueue.Return(0);
            }
        }
        finally
        {
            _draining = false;
        }

        PublishAndKick(ReceiveQueue);
        PublishAndKick(SendQueue);
        return ReceiveQueue.ArmKick();
    }

    /// <summary>Sets NEEDS_RESET: the device cannot go on, and uses no ring until it is reset.</summary>
    /// <returns>False when the transport has no way to say so.</returns>
    public bool Fail() => _vdev.SetNeedsReset();

    /// <summary>A driver has come. Its features are what it took; the rings are set up.</summary>
    protected abstract void OnLinked();

    /// <summary>A chain is in the hand of <see cref="ReceiveQueue"/>. It goes back to the driver when this returns.</summary>
    protected abstract void Receive();

    /// <summary>Takes a buffer of the driver's to send with: it is in the hand of <see cref="SendQueue"/> then.</summary>
    /// <returns>Ok, NoDriver, NoBuffer or QueueBroken.</returns>
    protected RemoteIoStatus TakeToSend()
    {
        if (!Refresh()) return RemoteIoStatus.NoDriver;
        RemoteIoStatus status = SendQueue.TryTake(isWritable: true);
        if (status == RemoteIoStatus.NoBuffer)
        {
            PublishAndKick(SendQueue); // what the driver has not seen, it cannot lend again
            if (!SendQueue.ArmKick()) return status;
            status = SendQueue.TryTake(isWritable: true); // an offer slipped in
        }

        if (status == RemoteIoStatus.Ok) SendQueue.DisarmKick();
        return status;
    }

    /// <summary>Sends the buffer in the hand of <see cref="SendQueue"/>.</summary>
    /// <param name="writtenBytes">What was written from its start.</param>
    protected void Send(uint writtenBytes)
    {
        SendQueue.Return(writtenBytes);
        SentCount++;
        if (!_draining) PublishAndKick(SendQueue);
    }

    /// <summary>Looks whether a driver is there, and whether it is still the same one; once a batch is enough.</summary>
    private bool Refresh()
    {
        if (_draining) return true;
        bool isReady = _vdev.IsDriverOk && ((VirtioStatus)_vdev.Status & VirtioStatus.NeedsReset) == 0;
        if (IsLinked && (!isReady || SendQueue.WasMadeAnew() || ReceiveQueue.WasMadeAnew())) Unlink();
        if (isReady && !IsLinked) Link();
        return isReady;
    }

    private void Link()
    {
        SendQueue.Begin(_vdev.GetVring(0), _vdev.DriverFeatures);
        ReceiveQueue.Begin(_vdev.GetVring(1), _vdev.DriverFeatures);
        SendQueue.DisarmKick(); // returned buffers are looked for when one is needed
        LinkCount++;
        IsLinked = true;
        OnLinked();
    }

    private void Unlink()
    {
        IsLinked = false;
        SendQueue.End();
        ReceiveQueue.End();
    }

    private void PublishAndKick(RemoteChainQueue queue)
    {
        if (!queue.Publish()) return;
        KickCount++;
        _kick(queue.NotifyId);
    }
}
