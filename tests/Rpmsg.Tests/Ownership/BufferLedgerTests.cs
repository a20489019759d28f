using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Ownership;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Ownership;

/// <summary>Each rule of ownership is broken once, on purpose, and found by name.</summary>
public sealed class BufferLedgerTests : IDisposable
{
    private static readonly RpmsgAddress Peer = new(30);

    private readonly RpmsgMachine _machine = new();
    private readonly BufferLedger _ledger;
    private readonly List<RpmsgHold> _holds = [];
    private RpmsgEndpoint? _endpoint;

    public BufferLedgerTests()
    {
        _ledger = new BufferLedger(_machine.Scheduler);
        _machine.VirtioRpmsgBus.Ledger = _ledger;
    }

    private RpmsgEndpoint Endpoint => _endpoint!;

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_buffer_that_is_sent_twice_is_named_with_who_had_it() => Run(() =>
    {
        Assert.Equal(Errno.Ok, Endpoint.TryReserve(out RpmsgTxBuffer buffer));
        Assert.Equal(Errno.Ok, buffer.Commit(4));
        _ = Assert.Throws<InvalidOperationException>(() => buffer.Commit(4));
        AssertFound(BufferRule.DoubleRelease, "virtio0 output buffer 0 is sent or given back again by virtio0.x.-1.30 endpoint 0x400",
            "had it until 0.000000 s");
    });

    [Fact]
    public void A_payload_that_is_looked_at_after_the_send_is_named() => Run(() =>
    {
        Assert.Equal(Errno.Ok, Endpoint.TryReserve(out RpmsgTxBuffer buffer));
        Assert.Equal(Errno.Ok, buffer.Commit(4));
        _ = Assert.Throws<InvalidOperationException>(() => _ = buffer.Payload.Length);
        _ = Assert.Throws<InvalidOperationException>(() => _ = buffer.Memory.Length);
        Assert.Equal([BufferRule.UseAfterRelease, BufferRule.UseAfterRelease], _ledger.Findings.Select(static finding => finding.Rule));
    });

    [Fact]
    public void A_hold_that_is_given_up_twice_is_named() => Run(async () =>
    {
        await ReceiveAsync();
        _holds[0].Dispose();
        _ = Assert.Throws<InvalidOperationException>(() => _holds[0].Dispose());
        AssertFound(BufferRule.DoubleRelease, "virtio0 input buffer 1", "sent or given back again");
    });

    [Fact]
    public void A_held_payload_that_is_read_after_its_release_is_named() => Run(async () =>
    {
        await ReceiveAsync();
        _holds[0].Dispose();
        _ = Assert.Throws<InvalidOperationException>(() => _ = _holds[0].Payload.Length);
        AssertFound(BufferRule.UseAfterRelease, "virtio0 input buffer 1", "is looked at by");
    });

    [Fact]
    public void Buffers_that_an_endpoint_goes_with_are_forgotten_and_named() => Run(async () =>
    {
        await ReceiveAsync();
        Assert.Equal(Errno.Ok, Endpoint.TryReserve(out _));
        Assert.Equal(2, _ledger.OutstandingCount);
        await Endpoint.DestroyAsync();
        Assert.Equal([BufferRule.Forgotten, BufferRule.Forgotten], _ledger.Findings.Select(static finding => finding.Rule));
        Assert.Equal(["virtio0 input", "virtio0 output"], _ledger.Findings.Select(static finding => finding.Queue));
        Assert.Equal(0, _ledger.OutstandingCount);
    });

    [Fact]
    public void A_buffer_of_another_remote_is_refused_as_foreign() => Run(async () =>
    {
        await _machine.AddVdevAsync(4, 4);
        Assert.Equal(RemoteStatus.Ok, _machine.Remotes[0].TryReserve(out RemoteTxBuffer ofFirst));
        Assert.Equal(RemoteStatus.Ok, _machine.Remotes[1].TryReserve(out RemoteTxBuffer ofSecond));
        foreach (Action misuse in new Action[]
        {
            () => _machine.Remotes[1].Release(ofFirst),
            () => _ = _machine.Remotes[1].Commit(ofFirst, Peer, RpmsgAddress.NameService, 0),
            () => _machine.Remotes[1].Release(default(RemoteTxBuffer)),
            () => _machine.Remotes[1].Release(default(RemoteRxBuffer)),
        })
        {
            InvalidOperationException exception = Assert.Throws<InvalidOperationException>(misuse);
            Assert.Contains("is not of this vdev", exception.Message, StringComparison.Ordinal);
        }

        _machine.Remotes[0].Release(ofFirst);
        _machine.Remotes[1].Release(ofSecond);
    });

    [Fact]
    public void What_is_used_as_it_should_be_gives_no_finding() => Run(async () =>
    {
        for (int i = 0; i < 100; i++)
        {
            await ReceiveAsync();
            using RpmsgHold second = _holds[0].Message.Hold();
            _holds[0].Dispose();
            _holds.Clear();
            Assert.Equal(0, second.Payload.Length - 2);
            Assert.Equal(Errno.Ok, Endpoint.TryReserve(out RpmsgTxBuffer buffer));
            using (buffer) Assert.Equal(Errno.Ok, buffer.Commit(buffer.Payload.Length));
            Assert.Equal(Errno.Ok, Endpoint.TryReserve(out buffer));
            buffer.Dispose();
            _ = _machine.Remote.Poll();
        }

        await Endpoint.DestroyAsync();
        Assert.Empty(_ledger.Findings);
        Assert.Equal((0, 400), (_ledger.OutstandingCount, _ledger.TakenCount));
    });

    private void AssertFound(BufferRule rule, params string[] parts)
    {
        BufferFinding finding = Assert.Single(_ledger.Findings);
        Assert.Equal(rule, finding.Rule);
        foreach (string part in parts) Assert.Contains(part, finding.Text, StringComparison.Ordinal);
    }

    private void Run(Action test) => Run(() =>
    {
        test();
        return ValueTask.CompletedTask;
    });

    private void Run(Func<ValueTask> test) => _machine.Run(4, async () =>
    {
        await _machine.AnnounceAsync("x", Peer.Value);
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, static (_, in _) => { }, out _));
        _endpoint = _machine.Channels.Single().CreateEndpoint(message =>
        {
            _holds.Add(message.Hold());
            return ValueTask.CompletedTask;
        }, RpmsgAddress.Any);
        await test();
    });

    private async ValueTask ReceiveAsync()
    {
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, Endpoint.Address, "hi"u8));
        _ = await _machine.InterruptRxAsync();
    }
}
