using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Ownership;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Board.Tests.Soak;

/// <summary>Many endpoints on two vdevs, host and remote on a thread each: nothing is lost, doubled, reordered or altered.</summary>
/// <remarks><c>SOAK_SECONDS=60 dotnet test tests/Board.Tests --filter SoakTests</c> is the long form.</remarks>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int EndpointCount = 100;
    private const uint FirstAddress = 2000;
    private const int HeldMax = 6; // of 16 receive buffers
    private const long NsPerSecond = 1_000_000_000;

    private static double Seconds =>
        double.TryParse(Environment.GetEnvironmentVariable("SOAK_SECONDS"), CultureInfo.InvariantCulture, out double seconds) ? seconds : 2;

    [Fact]
    public void Two_hundred_endpoints_hold_and_release_at_random_and_every_message_comes_back_as_it_was()
    {
        using Machine machine = new(new MachineOptions { IsVirtual = false }, new ProcessorOptions
        {
            Image = SampleImages.Find("rpmsg-two-vdevs")!.Read(),
            Program = new SoakProgram(EndpointCount, FirstAddress),
        });
        BufferLedger ledger = new(machine.Scheduler);
        machine.RpmsgBus.Ledger = ledger;
        long answered = 0;
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            RpmsgDevice[] channels = [];
            for (int i = 0; i < 10_000 && channels.Length < 2; i++)
            {
                await machine.Scheduler.DelayAsync(1_000_000);
                channels = [.. machine.RpmsgCore.Bus.Devices.OfType<RpmsgDevice>().Where(static channel => channel.Id == "soak")];
            }

            Assert.Equal(2, channels.Length);
            long endNs = machine.Scheduler.NowNs + (long)(Seconds * NsPerSecond);
            Side[] sides = [.. channels.Select(static channel => new Side(channel))];
            KernelTask[] senders = [.. sides.Select(side => machine.Scheduler.Spawn("sender", () => side.SendAsync(endNs)))];
            foreach (KernelTask sender in senders) _ = await sender.Ended.WaitAsync();
            foreach (Side side in sides) await side.FinishAsync();
            answered = sides.Sum(static side => side.AnsweredCount);
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Empty(machine.WhatIsLeft());
        Assert.Empty(ledger.Findings);
        Assert.True(answered > 200, $"only {answered} messages");
        output.WriteLine($"{answered} messages came back, {ledger.TakenCount} buffers were taken in place or held, in {Seconds} s");
    }

    /// <summary>The host's end of one vdev.</summary>
    private sealed class Side
    {
        private readonly RpmsgDevice _channel;
        private readonly RpmsgEndpoint[] _endpoints = new RpmsgEndpoint[EndpointCount];
        private readonly long[] _sent = new long[EndpointCount];
        private readonly long[] _answered = new long[EndpointCount];
        private readonly Queue<RpmsgHold> _held = new();
        private readonly byte[] _scratch = new byte[496];
        private readonly byte[] _expected = new byte[496];
        private uint _dice = 1;

        public Side(RpmsgDevice channel)
        {
            _channel = channel;
            for (int i = 0; i < EndpointCount; i++)
            {
                int index = i;
                _endpoints[i] = channel.CreateEndpoint(message => OnAnswer(index, message), RpmsgAddress.Any)!;
            }
        }

        public long AnsweredCount => _answered.Sum();

        public async ValueTask SendAsync(long endNs)
        {
            while (_channel.Kernel.Scheduler.NowNs < endNs)
            {
                int index = Roll(EndpointCount);
                long number = _sent[index]++;
                RpmsgAddress destination = new(FirstAddress + (uint)index);
                if (Roll(2) == 0)
                {
                    int lengthBytes = SoakMessage.Write(index, number, _scratch);
                    Assert.Equal(Errno.Ok, await _endpoints[index].SendToAsync(destination, _scratch.AsMemory(0, lengthBytes)));
                }
                else
                {
                    (Errno errno, RpmsgTxBuffer buffer) = await _endpoints[index].ReserveAsync();
                    Assert.Equal(Errno.Ok, errno);
                    int lengthBytes = SoakMessage.Write(index, number, buffer.Payload);
                    Assert.Equal(Errno.Ok, buffer.Commit(_endpoints[index].Address, destination, lengthBytes));
                }

                if (Roll(3) == 0) ReleaseSome();
            }
        }

        /// <summary>Waits for the last answers and gives everything back.</summary>
        public async ValueTask FinishAsync()
        {
            for (int i = 0; i < 10_000 && AnsweredCount < _sent.Sum(); i++)
            {
                while (_held.TryDequeue(out RpmsgHold hold)) Verify(hold);
                await _channel.Kernel.Scheduler.DelayAsync(1_000_000);
            }

            while (_held.TryDequeue(out RpmsgHold hold)) Verify(hold);
            Assert.Equal(_sent, _answered);
            foreach (RpmsgEndpoint endpoint in _endpoints) await endpoint.DestroyAsync();
        }

        private ValueTask OnAnswer(int index, RpmsgMessage message)
        {
            if (_held.Count < HeldMax && Roll(4) == 0) _held.Enqueue(message.Hold()); // looked at again when it is released
            int lengthBytes = SoakMessage.Write(index, _answered[index]++, _expected);
            bool isWhole = message.Payload.SequenceEqual(_expected.AsSpan(0, lengthBytes));
            Assert.True(isWhole, $"message {_answered[index] - 1} of endpoint {index}");
            return ValueTask.CompletedTask;
        }

        private void ReleaseSome()
        {
            for (int count = Roll(_held.Count + 1); count > 0; count--) Verify(_held.Dequeue());
        }

        /// <summary>A held message is still what it was: its checksum says so, where it is long enough to have one.</summary>
        private static void Verify(RpmsgHold hold)
        {
            ReadOnlySpan<byte> payload = hold.Payload;
            if (payload.Length > 8)
            {
                uint checksum = 0;
                foreach (byte value in payload[8..]) checksum = (checksum * 31) + value;
                Assert.Equal(BitConverter.ToUInt32(payload[4..]), checksum);
            }

            hold.Dispose();
        }

        private int Roll(int bound)
        {
            _dice = (_dice * 1664525) + 1013904223;
            return (int)((_dice >> 8) % (uint)bound);
        }
    }
}
