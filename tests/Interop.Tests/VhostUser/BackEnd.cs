using System;
using System.Collections.Generic;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Interop.Tests.VhostUser;

/// <summary>A back end with a socket pair, and an echo behind it; moved by <see cref="Turn"/>, on the test's own thread.</summary>
internal sealed class BackEnd : IVhostUserHost, IDisposable
{
    private readonly List<(int Ring, NotifyDescriptor Kick)> _watched = [];
    private VhostUserConnection? _connection;

    public BackEnd(VhostUserOptions? options = null)
    {
        Backend = new VhostUserBackend(options ?? new VhostUserOptions(), this);
        Remote = new RemoteRpmsg(new VirtualScheduler(), Backend.Memory.Remote, Backend.Device, Backend.Call);
        RemoteStatus status = Remote.TryCreateEndpoint("echo", new RpmsgAddress(0x400), static (endpoint, in message) =>
            _ = endpoint.TrySendTo(message.Source, message.Payload), out _);
        if (status != RemoteStatus.Ok) throw new InvalidOperationException($"{status}");
    }

    public VhostUserBackend Backend { get; }

    public RemoteRpmsg Remote { get; }

    /// <summary>Why the last connection ended; None while it has not.</summary>
    public VhostUserFault Ended { get; private set; }

    /// <summary>Why the last request was refused that was.</summary>
    public VhostUserFault Refused { get; private set; }

    public List<string> Notes { get; } = [];

    public bool WantsNotes => true;

    /// <summary>A front end connects.</summary>
    public FrontEnd Connect()
    {
        (DescriptorSocket first, DescriptorSocket second) = DescriptorSocket.CreatePair();
        _connection = new VhostUserConnection(first, Backend);
        Ended = Refused = VhostUserFault.None;
        return new FrontEnd(second, Turn);
    }

    /// <summary>Does what is to be done: messages, kicks, the device half.</summary>
    public void Turn()
    {
        if (_connection is not { } connection) return;
        Ended = connection.OnReadable();
        if (connection.TakeRefusal(out _, out VhostUserFault refused)) Refused = refused;
        foreach ((int ring, NotifyDescriptor _) in _watched.ToArray()) Backend.OnKickDescriptor(ring);
        while (Remote.Poll() == RemoteStatus.MoreWaits) { }
        if (Ended == VhostUserFault.None && Backend.Memory.HasShrunk) Ended = VhostUserFault.MemoryShrank;
        if (Ended != VhostUserFault.None) Close();
    }

    public void WatchKick(int ring, NotifyDescriptor kick) => _watched.Add((ring, kick));

    public void UnwatchKick(NotifyDescriptor kick) => _ = _watched.RemoveAll(watched => watched.Kick == kick);

    public void Kicked(int ring) { }

    public void DeviceChanged()
    {
        if (!Backend.HasDriver) _ = Remote.Poll();
    }

    public void Note(string text)
    {
        if (Notes.Count < 1000) Notes.Add(text);
    }

    public void Dispose()
    {
        Close();
        Backend.Dispose();
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
