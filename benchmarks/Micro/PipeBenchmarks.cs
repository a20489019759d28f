using System;
using System.IO.Pipelines;
using System.Linq;
using System.Threading.Tasks;
using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Pipes;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>
/// What does a pipe add to an endpoint? Messages go to the echo firmware and back, one by one, over the whole machine on virtual time:
/// interrupts, doorbells, tasks, all on one thread.
/// </summary>
[MemoryDiagnoser]
public class PipeBenchmarks
{
    private const int Count = 10_000;
    private const int PayloadBytes = 64;

    private readonly byte[] _payload = new byte[PayloadBytes];
    private Machine? _machine;
    private RpmsgEndpoint? _endpoint;
    private RpmsgPipe? _pipe;
    private Completion? _allBack;
    private long _receivedBytes;

    [GlobalSetup]
    public void Boot()
    {
        _machine = new Machine(new MachineOptions(),
            new ProcessorOptions { Image = SampleImages.Find("rpmsg-echo")!.Read(), Program = new EchoProgram() });
        _allBack = new Completion(_machine.Scheduler, "all are back");
        _machine.Run(async () =>
        {
            Check.That(await _machine.ModprobeAsync("virtio_rpmsg_bus") == Errno.Ok, "the rpmsg bus is loaded");
            Check.That(await _machine.ModprobeAsync("emu_rproc") == Errno.Ok, "the platform driver is loaded");
            await _machine.Scheduler.DelayAsync(1_000_000_000); // the firmware announces itself
            RpmsgDevice channel =
                _machine.RpmsgCore.Bus.Devices.OfType<RpmsgDevice>().Single(static device => device.Id == EchoService.ServiceName);
            _endpoint = channel.CreateEndpoint(OnMessage, RpmsgAddress.Any);
            _pipe = RpmsgPipe.Open(channel, RpmsgAddress.Any);
        });
    }

    [GlobalCleanup]
    public void Unload()
    {
        _machine!.Run(async () =>
        {
            await _endpoint!.DestroyAsync();
            await _pipe!.CloseAsync();
            Check.That(await _machine.UnloadAllAsync() == Errno.Ok, "everything unloads");
        });
        Check.That(_machine.WhatIsLeft().Count == 0, "nothing is left");
        _machine.Dispose();
    }

    [Benchmark(Baseline = true, Description = "endpoint: reserve, commit, handler", OperationsPerInvoke = Count)]
    public void Endpoint() => _machine!.Run(async () =>
    {
        _receivedBytes = 0;
        for (int i = 0; i < Count; i++)
        {
            (Errno errno, RpmsgTxBuffer buffer) = await _endpoint!.ReserveAsync();
            Check.That(errno == Errno.Ok, "there is a buffer");
            _payload.CopyTo(buffer.Payload);
            Check.That(buffer.Commit(PayloadBytes) == Errno.Ok, "it is sent");
        }

        Check.That(await _allBack!.WaitAsync(), "all are back");
    });

    [Benchmark(Description = "pipe: write, flush, read", OperationsPerInvoke = Count)]
    public void Pipe() => _machine!.Run(async () =>
    {
        KernelTask reader = _machine.Scheduler.Spawn("reader", ReadAsync);
        for (int i = 0; i < Count; i++)
        {
            FlushResult flushed = await _pipe!.Output.WriteAsync(_payload);
            Check.That(!flushed.IsCompleted, "it is sent");
        }

        Check.That(await reader.Ended.WaitAsync(), "all are back");
    });

    private ValueTask OnMessage(RpmsgMessage message)
    {
        _receivedBytes += message.Payload.Length;
        if (_receivedBytes == (long)Count * PayloadBytes) _allBack!.Complete();
        return ValueTask.CompletedTask;
    }

    private async ValueTask ReadAsync()
    {
        for (long left = (long)Count * PayloadBytes; left > 0;)
        {
            ReadResult result = await _pipe!.Input.ReadAsync();
            left -= result.Buffer.Length;
            _pipe.Input.AdvanceTo(result.Buffer.End);
        }
    }
}
