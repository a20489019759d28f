using System.Buffers.Binary;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>
/// The consumer of the wkup_m3 processor, for one device: boots it from a thread of its own and then talks to its firmware.
/// </summary>
/// <remarks>
/// Source: drivers/soc/ti/wkup_m3_ipc.c: wkup_m3_ipc_probe, wkup_m3_rproc_boot_thread, wkup_m3_txev_handler, wkup_m3_ping.
/// </remarks>
public sealed class WkupM3Ipc
{
    /// <summary>How long the M3 has to answer, ns.</summary>
    public const long SyncTimeoutNs = 500_000_000;

    /// <summary>The oldest firmware that the driver is content with.</summary>
    public const int BaselineVersion = 0x191;

    private const int VersionRegister = 2;
    private const int InterruptLine = 0;
    private const int EndLine = 1;

    private readonly Device _device;
    private readonly WkupM3IpcPlatform _platform;
    private readonly Completion _sync;
    private KernelTask? _interrupts;
    private KernelTask? _loader;

    internal WkupM3Ipc(Device device, WkupM3IpcPlatform platform, Rproc rproc)
    {
        _device = device;
        _platform = platform;
        Rproc = rproc;
        _sync = new Completion(device.Kernel.Scheduler, "wkup_m3 sync_complete");
    }

    /// <summary>The processor; the handle is held until the driver lets go of its device.</summary>
    public Rproc Rproc { get; }

    /// <summary>What the host believes of the M3.</summary>
    public WkupM3State State { get; private set; } = WkupM3State.Reset;

    /// <summary>The firmware's version, as read when it said hello; 0 before.</summary>
    public int FirmwareVersion { get; private set; }

    /// <summary>
    /// Whether the boot has succeeded, so that others may use this. Kernel: m3_ipc_state is published by the boot thread.
    /// </summary>
    public bool IsPublished { get; private set; }

    /// <summary>What the boot came to; null while the loader thread runs.</summary>
    public Errno? BootResult { get; private set; }

    private KernelLog Log => _device.Kernel.Log;

    /// <summary>Asks the M3 for an answer. Kernel: wkup_m3_ping.</summary>
    /// <returns>Ok; ENODEV before its firmware said hello; EIO when it does not answer: the state is then Unknown.</returns>
    public async ValueTask<Errno> PingAsync()
    {
        if (State != WkupM3State.Initialised) return Errno.ENODEV;
        State = WkupM3State.MessageForLowPower;
        _sync.Reset();
        _ = _platform.Mailbox.Ring(0); // it has a line 0
        if (await _sync.WaitAsync(SyncTimeoutNs))
        {
            State = WkupM3State.Initialised;
            return Errno.Ok;
        }

        Log.Error(_device, "MPU<->CM3 sync failure");
        State = WkupM3State.Unknown;
        return Errno.EIO;
    }

    internal void Start()
    {
        Scheduler scheduler = _device.Kernel.Scheduler;
        _interrupts = scheduler.Spawn("irq/wkup_m3_txev", InterruptsAsync, scheduler.Host, isDaemon: true);
        _loader = scheduler.Spawn("wkup_m3_rproc_loader", LoadAsync, scheduler.Host);
    }

    internal async ValueTask StopAsync()
    {
        _ = await _loader!.Ended.WaitAsync();
        if (BootResult == Errno.Ok) _ = await Rproc.ShutdownAsync(); // ignored, as in wkup_m3_ipc_remove
        _ = _platform.TransmitEvent.Ring(EndLine); // the board gives it two lines
        _ = await _interrupts!.Ended.WaitAsync();
    }

    private async ValueTask LoadAsync()
    {
        _sync.Reset();
        BootResult = await Rproc.BootAsync();
        if (BootResult != Errno.Ok) Log.Error(_device, "rproc_boot failed");
        else IsPublished = true;
    }

    private async ValueTask InterruptsAsync()
    {
        while (true)
        {
            _ = await _platform.TransmitEvent.WaitAsync();
            while (_platform.TransmitEvent.TryTake(out int line))
            {
                if (line == EndLine) return;
                if (line == InterruptLine) OnTransmitEvent();
            }
        }
    }

    private void LogVersion()
    {
        if (FirmwareVersion == 0xFFFF)
            Log.Warning(_device, "invalid CM3 firmware version");
        else if (FirmwareVersion < BaselineVersion)
            Log.Warning(_device, $"CM3 firmware version 0x{FirmwareVersion:x} is older than 0x{BaselineVersion:x}");
        else
            Log.Info(_device, $"CM3 Firmware Version = 0x{FirmwareVersion:x}");
    }

    /// <summary>Kernel: wkup_m3_txev_handler.</summary>
    private void OnTransmitEvent()
    {
        switch (State)
        {
            case WkupM3State.Reset:
                FirmwareVersion = BinaryPrimitives.ReadUInt16LittleEndian(_platform.Registers.Span[(VersionRegister * 4)..]);
                LogVersion();
                State = WkupM3State.Initialised;
                _sync.Complete();
                break;
            case WkupM3State.MessageForReset:
                State = WkupM3State.Initialised;
                _sync.Complete();
                break;
            case WkupM3State.MessageForLowPower:
                _sync.Complete();
                break;
            default:
                Log.Warning(_device, "Unknown CM3 State");
                break;
        }
    }
}
