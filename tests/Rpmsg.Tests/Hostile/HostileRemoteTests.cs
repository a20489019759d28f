using System;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Hostile;

/// <summary>A remote that writes what it likes into rings and buffers: the host answers with statuses and log lines, and with nothing
/// else.</summary>
public sealed class HostileRemoteTests
{
    private const int OperationCount = 200_000;

    [Theory]
    [InlineData(1UL, RpmsgMachine.NameService)]
    [InlineData(2UL, RpmsgMachine.NameService | RpmsgMachine.EventIndex)]
    public void Only_statuses_and_log_lines_come_out(ulong seed, ulong features)
    {
        using RpmsgMachine machine = new();
        SeededChoices choices = new(seed);
        int handled = 0;
        int broken = 0;
        machine.Run(8, async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Kernel.Modules.InsmodAsync(machine.Sample));
            VirtioDriver driver = (VirtioDriver)machine.Device.Driver!;
            RpmsgEndpoint endpoint = Endpoint(machine);
            for (int i = 0; i < OperationCount; i++)
            {
                Mutate(machine, choices);
                if (await machine.InterruptRxAsync() == IrqReturn.Handled) handled++;
                _ = await machine.InterruptTxAsync();
                _ = endpoint.TrySendTo(new RpmsgAddress(30), new byte[choices.Pick(512)]);
                bool isBroken = machine.Device.Virtqueues.Any(queue => queue.IsBroken);
                if (isBroken) broken++;
                if (!isBroken && machine.Channels.Count() < 20) continue;
                await endpoint.DestroyAsync();
                await machine.VirtioBus.UnbindAsync(machine.Device);
                Assert.Empty(machine.Core.Bus.Devices);
                Assert.Equal(Errno.Ok, await machine.VirtioBus.BindAsync(machine.Device, driver));
                endpoint = Endpoint(machine);
            }
        }, features: features);

        // A fuzz that hits nothing proves nothing.
        Assert.True(handled > OperationCount / 100, $"only {handled} interrupts brought something");
        Assert.True(broken > 100, $"only {broken} rings were broken");
    }

    private static RpmsgEndpoint Endpoint(RpmsgMachine machine) =>
        machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, new RpmsgAddress(5))!;

    /// <summary>One hostile act: mostly a message that is nearly right, sometimes scribbling.</summary>
    private static void Mutate(RpmsgMachine machine, SeededChoices choices)
    {
        VdevDouble vdev = machine.Vdev;
        int ring = choices.Pick(2);
        Span<byte> bytes = vdev.Ring(ring);
        int used = vdev.Layouts[ring].UsedOffset;
        switch (choices.Pick(64))
        {
            case 0: // anywhere
                bytes[choices.Pick(vdev.Layouts[ring].SizeBytes)] = (byte)choices.Pick(256);
                break;
            case 1: // the index jumps
                BitConverter.TryWriteBytes(bytes[(used + 2)..], (ushort)choices.Pick(65536));
                break;
            case < 8: // flags and events
                BitConverter.TryWriteBytes(bytes[used..], (ushort)choices.Pick(3));
                BitConverter.TryWriteBytes(bytes[vdev.Layouts[ring].AvailEventOffset..], (ushort)choices.Pick(65536));
                break;
            default:
                Return(vdev, ring, choices);
                break;
        }
    }

    private static void Return(VdevDouble vdev, int ring, SeededChoices choices)
    {
        Span<byte> bytes = vdev.Ring(ring);
        int size = vdev.Layouts[ring].QueueSize;
        ushort index = vdev.UsedIndex(ring);
        if (vdev.AvailIndex(ring) == index && choices.Pick(50) != 0) return;
        int slot = index & (size - 1);
        int element = vdev.Layouts[ring].UsedOffset + 4 + (8 * slot);
        uint id = choices.Pick(100) == 0 ? (uint)choices.Pick(2 * size) : bytes[vdev.Layouts[ring].AvailOffset + 4 + (2 * slot)];
        Span<byte> buffer = vdev.RxBuffer((int)id % vdev.Layouts[0].QueueSize);
        uint[] destinations = [53, 53, 5, 1024, (uint)choices.Pick(2000), uint.MaxValue];
        uint[] lengths = [40, 12, (uint)choices.Pick(600), ushort.MaxValue];
        uint length = lengths[choices.Pick(4)];
        BitConverter.TryWriteBytes(buffer, choices.Pick(3000));
        BitConverter.TryWriteBytes(buffer[4..], destinations[choices.Pick(6)]);
        BitConverter.TryWriteBytes(buffer[12..], (ushort)length);
        for (int i = 0; i < 32; i++) buffer[16 + i] = (byte)choices.Pick(i < 2 ? 4 : 256);
        if (choices.Pick(3) == 0) "rpmsg-client-sample\0"u8.CopyTo(buffer[16..]);
        BitConverter.TryWriteBytes(buffer[48..], 1024 + choices.Pick(4));
        BitConverter.TryWriteBytes(buffer[52..], choices.Pick(3));
        uint[] usedLengths = [16 + length, 512, 56, (uint)choices.Pick(1024), uint.MaxValue];
        BitConverter.TryWriteBytes(bytes[element..], id);
        BitConverter.TryWriteBytes(bytes[(element + 4)..], usedLengths[choices.Pick(5)]);
        BitConverter.TryWriteBytes(bytes[(vdev.Layouts[ring].UsedOffset + 2)..], (ushort)(index + 1));
    }
}
