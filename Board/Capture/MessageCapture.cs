using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Interop.Pcapng;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Board.Capture;

/// <summary>Writes each rpmsg message of a machine, and each line of its kernel log, to a pcapng file.</summary>
/// <remarks>
/// <code>
/// interface     link type   a packet is                               direction           comment
/// kernel log    USER1       one line, UTF-8                           none                the line
/// virtio0, ...  USER0       rpmsg header and payload, as on the wire  inbound: to host    none
/// </code>
/// <c>tools/wireshark/rpmsg.lua</c> tells Wireshark what they are. A device has its interface from its first message on. When the file
/// takes no more, what is in it stays, the machine goes on, and <see cref="Failure"/> says why.
/// </remarks>
public sealed class MessageCapture : IRpmsgTap, IDisposable
{
    /// <summary>Link type of the messages: header and payload.</summary>
    public const int MessageLinkType = PcapngWriter.LinkTypeUser0;

    /// <summary>Link type of the kernel log's lines: UTF-8.</summary>
    public const int LogLinkType = PcapngWriter.LinkTypeUser0 + 1;

    private readonly object _gate = new();
    private readonly Dictionary<string, int> _interfaces = new(StringComparer.Ordinal);
    private readonly Stream _stream;
    private readonly Scheduler _scheduler;
    private PcapngWriter? _file; // null when it takes no more

    /// <summary>Begins a capture.</summary>
    /// <param name="machine">Captured from here on: create it before its modules are loaded.</param>
    /// <param name="stream">Where the file goes; closed by <see cref="Dispose"/>.</param>
    /// <exception cref="IOException">The stream takes nothing.</exception>
    public MessageCapture(Machine machine, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _stream = stream;
        _scheduler = machine.Scheduler;
        _file = new PcapngWriter(stream, "RemoteprocEmu");
        _ = _file.AddInterface(LogLinkType, "kernel log", "the lines of dmesg");
        machine.Kernel.Log.LineWritten += OnLine;
        machine.RpmsgBus.Tap = this;
    }

    /// <summary>Messages captured.</summary>
    public long MessageCount { get; private set; }

    /// <summary>Why the file is not whole; null while it is.</summary>
    public string? Failure { get; private set; }

    /// <inheritdoc/>
    public void Passed(VirtioDevice device, bool isToHost, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(device);
        lock (_gate)
        {
            if (_file is null) return;
            try
            {
                if (!_interfaces.TryGetValue(device.Name, out int number))
                {
                    string description = device.Parent is { } parent ? $"rpmsg on {parent.Name}" : "rpmsg";
                    number = _file.AddInterface(MessageLinkType, device.Name, description);
                    _interfaces.Add(device.Name, number);
                }

                _file.AddPacket(number, _scheduler.NowNs, isToHost ? PacketDirection.Inbound : PacketDirection.Outbound, message);
                MessageCount++;
            }
            catch (IOException exception)
            {
                Fail(exception);
            }
        }
    }

    /// <summary>Writes what is not written yet and closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _stream.Dispose();
            }
            catch (IOException exception)
            {
                Fail(exception);
            }

            _file = null;
        }
    }

    private void OnLine(LogLine line)
    {
        lock (_gate)
        {
            if (_file is null) return;
            try
            {
                _file.AddPacket(0, line.TimeNs, PacketDirection.Unknown, Encoding.UTF8.GetBytes(line.Text), line.Text);
            }
            catch (IOException exception)
            {
                Fail(exception);
            }
        }
    }

    private void Fail(IOException exception)
    {
        Failure ??= exception.Message;
        _file = null;
    }
}
