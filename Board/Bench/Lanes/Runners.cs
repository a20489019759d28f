using System.Diagnostics;
using RemoteprocEmu.Platform.Doorbells;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>The loops of all cases, compiled for each pair of halves.</summary>
internal static class Runners
{
    /// <summary>Sends, as fast as it goes or at a rate.</summary>
    public static HalfRunner Sender<TSend>(HalfContext context, TSend send) where TSend : struct, ISendHalf =>
        context.Case.OfferedPerSecond > 0 ? new PacedSender<TSend>(context, send) : new StreamSender<TSend>(context, send);

    /// <summary>Receives; where messages are offered at a rate, it says how late they are.</summary>
    public static HalfRunner Receiver<TReceive>(HalfContext context, TReceive receive) where TReceive : struct, IReceiveHalf =>
        context.Case.OfferedPerSecond > 0
            ? new TimedReceiver<TReceive>(context, receive)
            : new StreamReceiver<TReceive>(context, receive);

    /// <summary>Sends one message, waits for it to come back, and so on; or sends back what comes.</summary>
    public static HalfRunner RoundTrip<TSend, TReceive>(HalfContext context, TSend send, TReceive receive)
        where TSend : struct, ISendHalf
        where TReceive : struct, IReceiveHalf => context.IsHost
            ? new Pinger<TSend, TReceive>(context, send, receive)
            : new Ponger<TSend, TReceive>(context, send, receive);

    /// <summary>Both halves by turns.</summary>
    public static HalfRunner OneThread<TSend, TReceive>(HalfContext context, TSend send, TReceive receive)
        where TSend : struct, ISendHalf
        where TReceive : struct, IReceiveHalf => new BothHalves<TSend, TReceive>(context, send, receive);

    private sealed class StreamSender<TSend>(HalfContext context, TSend send) : HalfRunner(context) where TSend : struct, ISendHalf
    {
        private TSend _send = send;

        protected override long KickCount => _send.KickCount;

        protected override void Begin(RunPlan plan) => _send.Disarm();

        protected override long Loop(RunPlan plan, RunResult result)
        {
            TSend send = _send;
            Waiter waiter = NewWaiter();
            int batch = Case.Batch;
            for (long sent = 0; sent < plan.Count;)
            {
                int count = (int)long.Min(batch, plan.Count - sent);
                int done = send.TrySend(plan.First + (ulong)sent, count);
                sent += done;
                if (done > 0) waiter.Found();
                else waiter.Wait(ref send);
            }

            _send = send;
            return waiter.SleepCount;
        }
    }

    private sealed class StreamReceiver<TReceive>(HalfContext context, TReceive receive) : HalfRunner(context)
        where TReceive : struct, IReceiveHalf
    {
        private TReceive _receive = receive;

        protected override long KickCount => _receive.KickCount;

        protected override void Begin(RunPlan plan) => _receive.Disarm();

        protected override long Loop(RunPlan plan, RunResult result)
        {
            TReceive receive = _receive;
            Waiter waiter = NewWaiter();
            int batch = Case.Batch;
            for (long received = 0; received < plan.Count;)
            {
                int done = receive.TryReceive(plan.First + (ulong)received, (int)long.Min(batch, plan.Count - received));
                received += done;
                if (done > 0) waiter.Found();
                else waiter.Wait(ref receive);
            }

            _receive = receive;
            return waiter.SleepCount;
        }
    }

    private sealed class PacedSender<TSend>(HalfContext context, TSend send) : HalfRunner(context) where TSend : struct, ISendHalf
    {
        private TSend _send = send;

        protected override long KickCount => _send.KickCount;

        protected override void Begin(RunPlan plan) => _send.Disarm();

        protected override long Loop(RunPlan plan, RunResult result)
        {
            TSend send = _send;
            Waiter waiter = NewWaiter();
            double perTick = (double)Case.OfferedPerSecond / Stopwatch.Frequency;
            long begin = Context.Gate.SenderBeginTicks = result.BeginTicks;
            for (long sent = 0; sent < plan.Count;)
            {
                long due = long.Min(plan.Count, 1 + (long)((Stopwatch.GetTimestamp() - begin) * perTick));
                if (due <= sent)
                {
                    AdaptiveSpin.Pause();
                    continue;
                }

                int done = send.TrySend(plan.First + (ulong)sent, (int)long.Min(Case.Batch, due - sent));
                sent += done;
                if (done > 0) waiter.Found();
                else waiter.Wait(ref send);
            }

            _send = send;
            return waiter.SleepCount;
        }
    }

    /// <summary>The first message is due when the sender begins, by one clock for both.</summary>
    private sealed class TimedReceiver<TReceive>(HalfContext context, TReceive receive) : HalfRunner(context)
        where TReceive : struct, IReceiveHalf
    {
        private readonly LatencyHistogram _latencies = new();
        private TReceive _receive = receive;

        protected override long KickCount => _receive.KickCount;

        protected override void Begin(RunPlan plan)
        {
            _receive.Disarm();
            Context.Gate.SenderBeginTicks = 0;
        }

        protected override long Loop(RunPlan plan, RunResult result)
        {
            TReceive receive = _receive;
            Waiter waiter = NewWaiter();
            result.Latencies = _latencies;
            double interval = (double)Stopwatch.Frequency / Case.OfferedPerSecond;
            double nsPerTick = 1e9 / Stopwatch.Frequency;
            long begin = 0;
            for (long received = 0; received < plan.Count;)
            {
                int done = receive.TryReceive(plan.First + (ulong)received, (int)long.Min(Case.Batch, plan.Count - received));
                if (done == 0)
                {
                    waiter.Wait(ref receive);
                    continue;
                }

                waiter.Found();
                if (begin == 0) begin = Context.Gate.SenderBeginTicks; // there: a message of his has come
                double now = Stopwatch.GetTimestamp() - begin;
                for (int i = 0; i < done; i++) _latencies.Add((long)((now - ((received + i) * interval)) * nsPerTick));
                received += done;
            }

            _receive = receive;
            return waiter.SleepCount;
        }
    }

    private sealed class Pinger<TSend, TReceive>(HalfContext context, TSend send, TReceive receive) : HalfRunner(context)
        where TSend : struct, ISendHalf
        where TReceive : struct, IReceiveHalf
    {
        private TSend _send = send;
        private TReceive _receive = receive;

        protected override long KickCount => _send.KickCount + _receive.KickCount;

        protected override void Begin(RunPlan plan)
        {
            _send.Disarm();
            _receive.Disarm();
        }

        protected override long Loop(RunPlan plan, RunResult result)
        {
            TSend send = _send;
            TReceive receive = _receive;
            Waiter waiter = NewWaiter();
            for (long done = 0; done < plan.Count; done++)
            {
                while (send.TrySend(plan.First + (ulong)done, 1) == 0) waiter.Wait(ref send);
                waiter.Found();
                while (receive.TryReceive(plan.First + (ulong)done, 1) == 0) waiter.Wait(ref receive);
                waiter.Found();
            }

            _send = send;
            _receive = receive;
            return waiter.SleepCount;
        }
    }

    private sealed class Ponger<TSend, TReceive>(HalfContext context, TSend send, TReceive receive) : HalfRunner(context)
        where TSend : struct, ISendHalf
        where TReceive : struct, IReceiveHalf
    {
        private TSend _send = send;
        private TReceive _receive = receive;

        protected override long KickCount => _send.KickCount + _receive.KickCount;

        protected override void Begin(RunPlan plan)
        {
            _send.Disarm();
            _receive.Disarm();
        }

        protected override long Loop(RunPlan plan, RunResult result)
        {
            TSend send = _send;
            TReceive receive = _receive;
            Waiter waiter = NewWaiter();
            for (long done = 0; done < plan.Count; done++)
            {
                while (receive.TryReceive(plan.First + (ulong)done, 1) == 0) waiter.Wait(ref receive);
                waiter.Found();
                while (send.TrySend(plan.First + (ulong)done, 1) == 0) waiter.Wait(ref send);
                waiter.Found();
            }

            _send = send;
            _receive = receive;
            return waiter.SleepCount;
        }
    }

    private sealed class BothHalves<TSend, TReceive>(HalfContext context, TSend send, TReceive receive) : HalfRunner(context)
        where TSend : struct, ISendHalf
        where TReceive : struct, IReceiveHalf
    {
        private TSend _send = send;
        private TReceive _receive = receive;

        protected override long KickCount => _send.KickCount + _receive.KickCount;

        protected override void Begin(RunPlan plan)
        {
            _send.Disarm();
            _receive.Disarm();
        }

        protected override long Loop(RunPlan plan, RunResult result)
        {
            TSend send = _send;
            TReceive receive = _receive;
            int batch = int.Min(Case.Batch, Case.Ring);
            for (long done = 0; done < plan.Count;)
            {
                int count = (int)long.Min(batch, plan.Count - done);
                ulong first = plan.First + (ulong)done;
                int sent = 0, received = 0;
                while (received < count)
                {
                    int step = sent < count ? send.TrySend(first + (ulong)sent, count - sent) : 0;
                    sent += step;
                    int got = receive.TryReceive(first + (ulong)received, sent - received);
                    received += got;
                    if (step + got == 0) throw new BenchFailureException("one thread has both halves, and neither can go on");
                }

                done += count;
            }

            _send = send;
            _receive = receive;
            return 0;
        }
    }
}
