using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>Sends numbered messages over each channel of an echo service, in place, and verifies each that comes back.</summary>
/// <remarks>
/// Driven by the answers: each makes room for more. So nothing waits when the remote does not answer, and a channel can always go.
/// </remarks>
public sealed class ExchangeDriver(KernelModule owner, IReadOnlyList<VdevExchange> exchanges)
    : RpmsgDriver("rpmsg_exchange", owner, [EchoService.ServiceName, OpenAmpEchoProgram.ServiceName])
{
    private const int UnderWayMax = 128; // a ring that holds fewer bounds it sooner
    private const int Burst = 32;        // so many at a time, where there is room for more under way than that
    private const int NoteEvery = 64;    // messages: to look at the clock costs as much as a message

    /// <inheritdoc/>
    public override RpmsgMessageHandler Handler => OnMessageAsync;

    /// <inheritdoc/>
    public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        if (Find(device) is not { } exchange) return new ValueTask<Errno>(Errno.ENODEV);
        device.DriverData = exchange;
        exchange.Begin(device);
        MessageStream stream = exchange.Stream;
        string again = stream.SentAgainCount == 0 ? "" : $", {stream.SentAgainCount} of them again";
        device.Kernel.Log.Info(device, $"{stream.Target - stream.VerifiedCount} to exchange{again}");
        return SendMoreAsync(device, exchange);
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(RpmsgDevice device)
    {
        VdevExchange exchange = (VdevExchange)device.DriverData!;
        MessageStream stream = exchange.Stream;
        if (!stream.IsDone)
            device.Kernel.Log.Info(device, $"goes at {stream.VerifiedCount} of {stream.Target}, {stream.UnderWayCount} under way");
        exchange.End();
        return ValueTask.CompletedTask;
    }

    private static ValueTask OnMessageAsync(RpmsgMessage message)
    {
        RpmsgDevice device = message.Endpoint.Device;
        if (device.DriverData is not VdevExchange exchange || exchange.Stream.IsDone) return default;
        MessageVerdict verdict = exchange.Stream.Take(message.Payload);
        if (exchange.Stream.IsDone || exchange.Stream.VerifiedCount % NoteEvery == 0)
            exchange.NoteProgress(device.Kernel.Scheduler.NowNs);
        if (verdict != MessageVerdict.Verified)
            device.Kernel.Log.WarningRateLimited(device, "exchange", $"message is not the one expected: {verdict}");
        if (exchange.Stream.IsDone) device.Kernel.Log.Info(device, $"{exchange.Stream.VerifiedCount} verified");
        if (exchange.Stream.UnderWayCount > UnderWayMax - Burst) return default;
        ValueTask<Errno> sending = SendMoreAsync(device, exchange); // logged there; the run sees that nothing comes back
        return sending.IsCompleted ? default : WaitAsync(sending);
    }

    private static async ValueTask WaitAsync(ValueTask<Errno> sending) => _ = await sending;

    /// <summary>Sends until the ring is full or enough is under way. It waits for a buffer only when no answer would wake it.</summary>
    private static async ValueTask<Errno> SendMoreAsync(RpmsgDevice device, VdevExchange exchange)
    {
        MessageStream stream = exchange.Stream;
        while (stream.HasMore && stream.UnderWayCount < UnderWayMax)
        {
            Errno errno = device.Endpoint!.TryReserve(out RpmsgTxBuffer buffer);
            if (errno == Errno.ENOMEM && stream.UnderWayCount > 0) return Errno.Ok; // the next answer goes on
            if (errno == Errno.ENOMEM) (errno, buffer) = await device.Endpoint.ReserveAsync();
            if (errno == Errno.Ok) errno = buffer.Commit(stream.WriteNext(buffer.Payload));
            if (errno == Errno.Ok) continue;
            device.Kernel.Log.Error(device, $"rpmsg_send failed: {errno.Kernel()}");
            return errno;
        }

        return Errno.Ok;
    }

    /// <summary>By the ancestors: a vdev knows its virtio device only once that is registered, and channels may come before.</summary>
    private VdevExchange? Find(RpmsgDevice device)
    {
        foreach (VdevExchange exchange in exchanges)
        {
            if (device.Parent?.Parent is RprocVdev vdev && vdev.Index == exchange.VdevIndex) return exchange;
        }

        return null;
    }
}
