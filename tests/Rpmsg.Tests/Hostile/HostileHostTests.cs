using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Remote;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Remote;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Hostile;

/// <summary>A host that writes what it likes into rings, buffers and the table: the remote answers with statuses and faults, and with
/// nothing else.</summary>
public sealed class HostileHostTests
{
    private const int OperationCount = 200_000;

    [Theory]
    [InlineData(3UL)]
    [InlineData(4UL)]
    public void Only_statuses_and_faults_come_out(ulong seed)
    {
        using HostDouble host = new();
        SeededChoices choices = new(seed);
        List<RemoteRxBuffer> held = [];
        SortedSet<RemoteFaultKind> faults = [];
        RemoteRpmsg remote = new(new VirtualScheduler(), host.Memory, host, static _ => { });
        RemoteMessageHandler handler = (endpoint, in message) =>
        {
            if (choices.Pick(4) == 0) held.Add(message.Hold());
            _ = endpoint.TrySendTo(message.Source, message.Payload);
        };
        Assert.Equal(RemoteStatus.Ok, remote.TryCreateEndpoint("echo", RpmsgAddress.Any, handler, out _));
        for (int i = 0; i < OperationCount; i++)
        {
            if (i % 50 == 0)
            {
                host.Status = 0;
                _ = remote.Poll();
                host.Vrings[0] = new RemoteVring(new DeviceAddress(HostDouble.Base), 16, HostDouble.QueueSize, 10);
                host.Vrings[1] = new RemoteVring(new DeviceAddress(HostDouble.Base + HostDouble.RingBytes), 16, HostDouble.QueueSize, 11);
                if (choices.Pick(8) == 0) Lie(host, choices);
                host.Probe();
            }

            Mutate(host, choices);
            if (choices.Pick(8) == 0) _ = remote.TryReserve(out _); // kept until the next reset
            _ = remote.Poll();
            _ = remote.TrySend(new RpmsgAddress(1), new RpmsgAddress((uint)choices.Pick(2000)), new byte[choices.Pick(600)]);
            faults.Add(remote.SendFault.Kind);
            faults.Add(remote.ReceiveFault.Kind);
            while (held.Count > 2)
            {
                _ = held[0].Payload.Length;
                remote.Release(held[0]);
                held.RemoveAt(0);
            }
        }

        Assert.Equal(Enum.GetValues<RemoteFaultKind>(), faults); // every fault was met
    }

    private static void Lie(HostDouble host, SeededChoices choices)
    {
        ulong[] addresses = [uint.MaxValue, 0x9999_0000, HostDouble.Base + 8, HostDouble.Base + 0x7fff, ulong.MaxValue];
        uint[] sizes = [4, 0, 3, 32768, uint.MaxValue];
        uint align = choices.Pick(2) == 0 ? 16u : (uint)choices.Pick(5000);
        host.Vrings[choices.Pick(2)] = new RemoteVring(new DeviceAddress(addresses[choices.Pick(5)]), align, sizes[choices.Pick(5)], 10);
    }

    private static void Mutate(HostDouble host, SeededChoices choices)
    {
        int ring = choices.Pick(2);
        Span<byte> bytes = host.Ring(ring);
        int avail = host.Layout.AvailOffset;
        switch (choices.Pick(12))
        {
            case 0:
                bytes[choices.Pick(host.Layout.SizeBytes)] = (byte)choices.Pick(256);
                break;
            case 1:
                BitConverter.TryWriteBytes(bytes[(avail + 2)..], (ushort)choices.Pick(65536));
                break;
            case 2:
                ulong[] addresses = [0, 0x9999_0000, HostDouble.Base, HostDouble.BuffersAt + 0x5f00, ulong.MaxValue];
                BitConverter.TryWriteBytes(bytes[(16 * choices.Pick(4))..], addresses[choices.Pick(5)]);
                break;
            case 3:
                uint[] lengths = [0, 15, 16, 17, 511, 0x7fff_ffff, uint.MaxValue];
                BitConverter.TryWriteBytes(bytes[((16 * choices.Pick(4)) + 8)..], lengths[choices.Pick(7)]);
                break;
            case 4:
                BitConverter.TryWriteBytes(bytes[((16 * choices.Pick(4)) + 12)..], (ushort)choices.Pick(8));
                break;
            case 5:
                BitConverter.TryWriteBytes(bytes[(avail + 4 + (2 * choices.Pick(4)))..], (ushort)choices.Pick(5));
                break;
            default:
                Exchange(host, choices);
                break;
        }
    }

    private static void Exchange(HostDouble host, SeededChoices choices)
    {
        (int Buffer, RpmsgHeader Header, byte[] Payload, uint UsedBytes)? message = host.TryReceive();
        if (message is { } received) host.Lend(received.Buffer);
        int buffer = host.Reclaim();
        if (buffer < 0) buffer = choices.Pick(4);
        uint destination = choices.Pick(3) == 0 ? 53u : 1024u;
        _ = host.Send(buffer, (uint)choices.Pick(3000), destination, new byte[40], choices.Pick(4) == 0 ? choices.Pick(700) : null);
    }
}
