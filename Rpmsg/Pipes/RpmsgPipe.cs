using System;
using System.IO.Pipelines;
using System.Threading.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Pipes;

/// <summary>An endpoint as a pipe: what it receives is read in the vring buffers, what it sends is written into them.</summary>
/// <remarks>
/// <code>
/// in    vring 0, handler: the buffer is held, Input.ReadAsync: a sequence over held buffers, AdvanceTo: lent again, kicked
/// out   Output.GetMemory: a free buffer's payload, Output.FlushAsync: committed, kicked, vring 1
/// </code>
/// Nothing is copied on the way in. On the way out there is a copy only of what is written while no buffer is free, or longer than one
/// message. Back pressure goes through: a reader that does not read keeps the remote's buffers; a flush waits until a buffer is free again,
/// 15 s for what must be sent.
/// <para>One free buffer is kept for the next write. A sequence is good until its AdvanceTo, as with every pipe.</para>
/// <para>For the tasks of the kernel's scheduler, on the host processor: reads and flushes sleep on its wait queues. One reader and one
/// writer. A cancellation token may come from any thread where the scheduler has threads.</para>
/// Pairs with Linux's rpmsg_send and rpmsg_rx_cb_t; the kernel has no pipe.
/// </remarks>
public sealed class RpmsgPipe : IDuplexPipe
{
    private readonly RpmsgPipeReader _reader;
    private readonly RpmsgPipeWriter _writer;

    /// <summary>Makes a pipe of an endpoint whose handler hands its messages to <see cref="OnMessageAsync"/>: a driver's default
    /// endpoint.</summary>
    /// <param name="endpoint">The endpoint; it stays its creator's, who calls <see cref="Detach"/> before it goes.</param>
    /// <param name="options">How; null for a stream without thresholds.</param>
    public RpmsgPipe(RpmsgEndpoint endpoint, RpmsgPipeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options ??= new RpmsgPipeOptions();
        if (options.PauseReceiveBytes < 0 || options.ResumeReceiveBytes < 0 ||
            (options.PauseReceiveBytes > 0 && options.ResumeReceiveBytes >= options.PauseReceiveBytes))
        {
            throw new ArgumentException(
                $"it resumes at {options.ResumeReceiveBytes} bytes and pauses at {options.PauseReceiveBytes}: 0 <= resume < pause",
                nameof(options));
        }

        Endpoint = endpoint;
        _reader = new RpmsgPipeReader(endpoint, options);
        _writer = new RpmsgPipeWriter(endpoint, options);
    }

    /// <summary>The endpoint.</summary>
    public RpmsgEndpoint Endpoint { get; }

    /// <summary>What the remote sends. Completed by <see cref="Detach"/>, after what is unread.</summary>
    public PipeReader Input => _reader;

    /// <summary>What goes to the remote; a flush says that it is completed when the device is gone.</summary>
    public PipeWriter Output => _writer;

    /// <summary>Messages that are held for the reader: so many buffers the remote has less.</summary>
    public int HeldCount => _reader.HeldCount;

    /// <summary>Bytes that were copied on the way out, for want of a buffer or because one was too small.</summary>
    public long CopiedBytes => _writer.CopiedBytes;

    /// <summary>Creates a further endpoint of a channel and makes a pipe of it.</summary>
    /// <param name="channel">The channel: messages go to its destination.</param>
    /// <param name="address">The endpoint's address; Any for the lowest free one from 1024 on.</param>
    /// <param name="options">How; null for a stream without thresholds.</param>
    /// <returns>The pipe, to be ended with <see cref="CloseAsync"/>; null when the address is taken.</returns>
    public static RpmsgPipe? Open(RpmsgDevice channel, RpmsgAddress address, RpmsgPipeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        RpmsgPipe? pipe = null;
        // No message comes before this returns: on the host processor nothing else moves meanwhile.
        RpmsgEndpoint? endpoint = channel.CreateEndpoint(message => pipe!.OnMessageAsync(message), address);
        return endpoint is null ? null : pipe = new RpmsgPipe(endpoint, options);
    }

    /// <summary>The endpoint's handler, or what it calls.</summary>
    public ValueTask OnMessageAsync(RpmsgMessage message) => _reader.OnMessageAsync(message);

    /// <summary>The endpoint is about to go: what is unread is copied out of the vring buffers and stays readable, what is unsent is
    /// dropped.</summary>
    /// <remarks>A sequence that was read and not advanced over yet is no longer valid. Idempotent.</remarks>
    public void Detach()
    {
        _reader.Detach();
        _writer.Detach();
    }

    /// <summary>Detaches and destroys the endpoint: for a pipe from <see cref="Open"/>.</summary>
    public ValueTask CloseAsync()
    {
        Detach();
        return Endpoint.DestroyAsync();
    }
}
