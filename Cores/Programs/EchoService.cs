using System;
using System.Collections.Generic;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>An endpoint that sends each message back to its sender, in the order in which they came.</summary>
/// <remarks>
/// The answer is written straight into a buffer of the host's. A message whose answer finds no buffer is held where it lies, until
/// <see cref="AnswerWaiting"/> finds one: that is the back pressure. An answer that does not fit into its buffer is dropped.
/// </remarks>
public sealed class EchoService
{
    /// <summary>The service that it usually announces: Linux has a driver of this name.</summary>
    public const string ServiceName = "rpmsg-client-sample";

    private readonly RemoteRpmsg _rpmsg;
    private readonly RemoteEndpoint _endpoint;
    private readonly Func<bool>? _mayAnswer;
    private readonly Queue<RemoteRxBuffer> _waiting = new(); // of the driver of _link, oldest first
    private long _link;

    /// <summary>Opens one endpoint; it announces itself to every driver that comes.</summary>
    /// <param name="rpmsg">Where.</param>
    /// <param name="address">Its address.</param>
    /// <param name="mayAnswer">Asked before each answer; a message that may not be answered is lost. Null for always.</param>
    /// <param name="name">The service that it announces; empty for none.</param>
    public EchoService(RemoteRpmsg rpmsg, RpmsgAddress address, Func<bool>? mayAnswer = null, string name = ServiceName)
    {
        ArgumentNullException.ThrowIfNull(rpmsg);
        _rpmsg = rpmsg;
        _mayAnswer = mayAnswer;
        RemoteStatus status = rpmsg.TryCreateEndpoint(name, address, OnMessage, out RemoteEndpoint? endpoint);
        _endpoint = endpoint ?? throw new InvalidOperationException($"no endpoint at {address}: {status}");
    }

    /// <summary>Shown each message first; one for which it returns true is taken and not answered. Null for none.</summary>
    public Func<ReadOnlySpan<byte>, bool>? Takes { get; init; }

    /// <summary>Messages answered.</summary>
    public long EchoedCount { get; private set; }

    /// <summary>Messages whose answer was dropped: too long for the host's buffer, or the ring is broken.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>Opens every rpmsg vdev of the table, with an endpoint at 1024 on the first, 1025 on the second, and so on.</summary>
    /// <param name="context">The core.</param>
    /// <param name="mayAnswer">Asked before each answer; null for always.</param>
    /// <param name="serviceName">What they announce.</param>
    public static List<EchoService> OpenAll(RemoteContext context, Func<bool>? mayAnswer = null, string serviceName = ServiceName)
    {
        ArgumentNullException.ThrowIfNull(context);
        List<EchoService> services = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (!vdev.IsRpmsg) continue;
            RpmsgAddress address = new(RpmsgAddress.FirstDynamic.Value + (uint)services.Count);
            services.Add(new EchoService(context.OpenRpmsg(vdev), address, mayAnswer, serviceName));
        }

        return services;
    }

    /// <summary>Answers messages that had to wait for a buffer, as far as there are buffers now.</summary>
    /// <remarks>To be called after each poll: where a buffer is missing, asking for a kick must come last before the sleep.</remarks>
    public void AnswerWaiting()
    {
        if (_waiting.Count == 0) return;
        while (_waiting.TryPeek(out RemoteRxBuffer message))
        {
            if (_mayAnswer is not null && !_mayAnswer()) break;
            RemoteStatus status = _rpmsg.TryReserve(out RemoteTxBuffer answer); // looks for a reset, too
            if (status == RemoteStatus.NoBuffer) break;
            if (_rpmsg.LinkCount != _link || status == RemoteStatus.NoDriver)
            {
                if (status == RemoteStatus.Ok) _rpmsg.Release(answer);
                ForgetAfterReset();
                break;
            }

            if (status == RemoteStatus.Ok) status = Answer(message, answer);
            if (status == RemoteStatus.Ok) EchoedCount++;
            else DroppedCount++;
            _rpmsg.Release(_waiting.Dequeue());
        }

        _rpmsg.Flush();
    }

    /// <summary>Takes the channel back: the host is told, where it can be.</summary>
    public void Close() => _ = _rpmsg.DestroyEndpoint(_endpoint); // without a buffer the host sees what it sees when the core stops

    private void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
    {
        if (_rpmsg.LinkCount != _link) ForgetAfterReset();
        if (Takes is not null && Takes(message.Payload)) return;
        if (_mayAnswer is not null && !_mayAnswer()) return;
        RemoteStatus status = _waiting.Count > 0 ? RemoteStatus.NoBuffer : endpoint.TrySendTo(message.Source, message.Payload);
        if (status == RemoteStatus.Ok) EchoedCount++;
        else if (status == RemoteStatus.NoBuffer) _waiting.Enqueue(message.Hold());
        else DroppedCount++;
    }

    private RemoteStatus Answer(RemoteRxBuffer message, RemoteTxBuffer answer)
    {
        ReadOnlySpan<byte> payload = message.Payload;
        RemoteStatus status = RemoteStatus.TooLong;
        if (payload.TryCopyTo(answer.Payload))
            status = _rpmsg.Commit(answer, message.Header.Destination, message.Header.Source, payload.Length, more: true);
        if (status is RemoteStatus.TooLong or RemoteStatus.NoDestination) _rpmsg.Release(answer);
        return status;
    }

    private void ForgetAfterReset()
    {
        _waiting.Clear(); // the driver has taken its buffers back by itself
        _link = _rpmsg.LinkCount;
    }
}
