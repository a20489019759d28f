using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Virtio.Console;

/// <summary>One end of a byte stream to a device: <c>vport0p0</c>. A console has /dev/hvc0, an rproc-serial port /dev/vport0p0.</summary>
/// <remarks>
/// On the host processor only. A buffer that the device has filled is read where it lies, and lent again when it is empty; what is written
/// goes into a buffer of its own, which is freed when the device has taken it.
/// <code>
///                     console (3)                      rproc-serial (11)
/// opened as           /dev/hvc0, by anybody            /dev/vport0p0, by one at a time
/// a write             waits until the device took it   waits only while the ring is full
/// bytes before open   are kept                         are kept
/// </code>
/// Source: drivers/char/virtio_console.c (v6.12), struct port; add_port, in_intr, fill_readbuf, __send_to_port, unplug_port.
/// </remarks>
public sealed class ConsolePort : DriverModel.Devices.Device
{
    private const int InBufferBytes = 4096; // PAGE_SIZE
    private const int OutBufferBytesMax = 32 * 1024;

    private readonly Dictionary<int, DmaBuffer> _inBuffers = [];
    private readonly Dictionary<int, DmaBuffer> _outBuffers = [];
    private readonly IdAllocator _outTokens = new();
    private readonly ConsoleNode _node;
    private VirtioDevice? _virtio; // null once it is unplugged
    private Virtqueue _input = null!;
    private Virtqueue _output = null!;
    private bool _hasBuffer; // of the device's, being read
    private int _buffer;
    private int _length;
    private int _offset;
    private bool _isFull;

    internal ConsolePort(VirtioConsoleModule owner, VirtioDevice virtio, string name, int consoleIndex)
        : base(virtio.Kernel, name, virtio, className: "virtio-ports")
    {
        _virtio = virtio;
        ConsoleIndex = consoleIndex;
        _node = new ConsoleNode(this, owner);
    }

    /// <summary>The number of its hvc; -1 for a port that is no console.</summary>
    public int ConsoleIndex { get; }

    /// <summary>Whether it is a console. An rproc-serial port never is.</summary>
    public bool IsConsole => ConsoleIndex >= 0;

    /// <summary>Its node under /dev, by which bytes are read and written.</summary>
    public DeviceNode Node => _node;

    /// <summary>Whether somebody here listens. A console always does. Kernel: guest_connected.</summary>
    public bool IsOpen { get; internal set; }

    /// <summary>Whether it still has a device.</summary>
    public bool IsPlugged => _virtio is not null;

    /// <summary>Columns and rows of a console; 0 until the device has said that they changed. Kernel: cons.ws.</summary>
    public (int Columns, int Rows) Size { get; internal set; }

    /// <summary>Bytes that came. In debugfs: bytes_received.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>Bytes that were sent. In debugfs: bytes_sent.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Bytes that came and were thrown away. In debugfs: bytes_discarded.</summary>
    public long DiscardedBytes { get; private set; }

    /// <summary>Whether a write would sleep. Kernel: will_write_block.</summary>
    internal bool WouldWriteBlock
    {
        get
        {
            if (!IsPlugged) return false; // it fails instead
            ReclaimSent();
            return _isFull;
        }
    }

    /// <summary>Whether everything written was taken.</summary>
    internal bool IsDrained
    {
        get
        {
            if (!IsPlugged) return true;
            ReclaimSent();
            return _outBuffers.Count == 0 || _output.IsBroken;
        }
    }

    /// <summary>Whether there are bytes to read; an empty buffer of the device's counts. Kernel: port_has_data.</summary>
    internal bool HasData
    {
        get
        {
            if (_hasBuffer) return true;
            if (!IsPlugged || !_input.GetBuf(out _buffer, out uint usedBytes)) return false;
            _hasBuffer = true;
            _offset = 0;
            _length = (int)Math.Min(usedBytes, InBufferBytes);
            ReceivedBytes += _length;
            return true;
        }
    }

    /// <summary>Takes the queues that the driver has found, and lends the device all it can. Kernel: add_port, fill_queue.</summary>
    /// <returns>Ok; ENOMEM when not all buffers could be had, and none is kept.</returns>
    internal Errno Begin(Virtqueue input, Virtqueue output)
    {
        _input = input;
        _output = output;
        IsOpen = IsConsole;
        Errno errno = Errno.Ok;
        for (int i = 0; errno == Errno.Ok && input.FreeCount > 0; i++)
        {
            errno = _virtio!.Config.Dma.TryAllocate(Name, InBufferBytes, out DmaBuffer? buffer);
            if (errno != Errno.Ok) break;
            _inBuffers.Add(i, buffer!);
            errno = Lend(i);
        }

        if (errno == Errno.Ok) return Kernel.Nodes.Add(_node);
        Kernel.Log.Error(this, "Error allocating inbufs");
        return errno;
    }

    /// <summary>The device goes: who has it open is told, and its buffers are freed. Kernel: unplug_port, remove_vqs.</summary>
    internal void Unplug()
    {
        if (_virtio is not { } virtio) return;
        _virtio = null;
        IsOpen = false;
        _hasBuffer = false;
        _ = Kernel.Nodes.Remove(_node); // absent when it was never added
        foreach (DmaBuffer buffer in _inBuffers.Values) virtio.Config.Dma.Free(buffer);
        foreach (DmaBuffer buffer in _outBuffers.Values) virtio.Config.Dma.Free(buffer);
        _inBuffers.Clear();
        _outBuffers.Clear();
        _node.Wake();
    }

    /// <summary>Kernel: in_intr.</summary>
    internal ValueTask OnInputAsync(Virtqueue queue)
    {
        _node.Wake(); // a port that nobody has open keeps what comes, as far as it has buffers: rproc-serial and consoles do
        return ValueTask.CompletedTask;
    }

    /// <summary>Kernel: out_intr.</summary>
    internal ValueTask OnOutputAsync(Virtqueue queue)
    {
        _node.Wake();
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes bytes out of the oldest buffer. Kernel: fill_readbuf.</summary>
    /// <returns>How many; 0 also for a buffer that the device returned empty.</returns>
    internal int Read(Span<byte> destination)
    {
        if (destination.IsEmpty || !HasData) return 0;
        int count = Math.Min(destination.Length, _length - _offset);
        _inBuffers[_buffer].Slice(_offset, count).CopyTo(destination);
        _offset += count;
        if (_offset == _length) ReturnBuffer();
        return count;
    }

    /// <summary>Throws away what has come. Kernel: discard_port_data.</summary>
    internal void Discard()
    {
        for (int budget = IsPlugged ? _input.Size : 0; budget > 0 && HasData; budget--) // what comes meanwhile stays
        {
            DiscardedBytes += _length - _offset;
            ReturnBuffer();
        }
    }

    /// <summary>Sends a copy, of at most 32 KiB. Kernel: port_fops_write, __send_to_port.</summary>
    /// <returns>How many bytes were sent; 0 when the ring is full or broken; or ENOMEM.</returns>
    internal IoResult Send(ReadOnlySpan<byte> source)
    {
        source = source[..Math.Min(source.Length, OutBufferBytesMax)];
        ReclaimSent();
        Errno errno = _virtio!.Config.Dma.TryAllocate(Name, source.Length, out DmaBuffer? buffer);
        if (errno != Errno.Ok) return IoResult.Failed(errno);
        source.CopyTo(buffer!.Slice(0, source.Length));
        int token = _outTokens.Take();
        errno = _output.AddOutbuf(buffer.Address, (uint)source.Length, token);
        _ = _output.Kick();
        if (errno != Errno.Ok)
        {
            _outTokens.Release(token);
            _virtio.Config.Dma.Free(buffer);
            return IoResult.Moved(0);
        }

        _outBuffers.Add(token, buffer);
        _isFull = _output.FreeCount == 0;
        SentBytes += source.Length;
        return IoResult.Moved(source.Length);
    }

    /// <summary>Kernel: reclaim_consumed_buffers.</summary>
    internal void ReclaimSent()
    {
        while (IsPlugged && _output.GetBuf(out int token, out _)) // the used length of a buffer that was only read says nothing
        {
            _ = _outBuffers.Remove(token, out DmaBuffer? buffer);
            _virtio!.Config.Dma.Free(buffer!);
            _outTokens.Release(token);
            _isFull = false;
        }
    }

    private void ReturnBuffer()
    {
        _hasBuffer = false;
        if (Lend(_buffer) != Errno.Ok) Kernel.Log.Warning(this, "failed add_buf");
    }

    /// <summary>Kernel: add_inbuf, which kicks each time.</summary>
    private Errno Lend(int buffer)
    {
        Errno errno = _input.AddInbuf(_inBuffers[buffer].Address, InBufferBytes, buffer);
        _ = _input.Kick();
        return errno;
    }
}
