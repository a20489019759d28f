using System;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Platforms;

namespace RemoteprocEmu.Board;

/// <summary>
/// The AM335x pair: the wkup_m3 power-management processor, which nobody boots by itself, and the wkup_m3_ipc consumer, which does.
/// </summary>
/// <remarks>
/// <code>
/// WkupM3Board pair = new();
/// using Machine machine = new(new MachineOptions(), pair.Processor(image));
/// pair.AddConsumer(machine);
/// machine.Run(async () => { await machine.ModprobeAsync("wkup_m3_ipc"); await machine.ModprobeAsync("wkup_m3_rproc"); ... });
/// </code>
/// Source: drivers/remoteproc/wkup_m3_rproc.c, drivers/soc/ti/wkup_m3_ipc.c; AM335x TRM, control module, IPC_MSG_REG0 at 0x44E11328.
/// </remarks>
public sealed class WkupM3Board
{
    private const ulong RegisterPage = 0x44E1_1000;
    private const int RegisterOffset = 0x328;
    private const int RegisterBytes = 32;

    private Doorbell? _transmitEvent;
    private Doorbell? _mailbox;

    /// <summary>The version that the firmware reports.</summary>
    public ushort FirmwareVersion { get; init; } = 0x192;

    /// <summary>Whether the firmware answers.</summary>
    public bool FirmwareAnswers { get; init; } = true;

    /// <summary>The processor: auto_boot false, sysfs read-only, no vdevs.</summary>
    /// <param name="image">Its image, a trace-only one.</param>
    public ProcessorOptions Processor(ReadOnlyMemory<byte> image) => new()
    {
        Name = "wkup_m3",
        Image = image,
        FirmwareName = "am335x-pm-firmware.elf",
        Driver = "wkup_m3_rproc",
        AutoBoot = false,
        SysfsReadOnly = true,
        CanKick = false,
        Core = MakeCore,
    };

    /// <summary>Adds the consumer's device and module to the machine that the processor is in.</summary>
    /// <param name="machine">The machine; its first processor is the one that the consumer boots.</param>
    /// <returns>The consumer's device.</returns>
    public DriverModel.Devices.PlatformDevice AddConsumer(Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        if (_transmitEvent is null || _mailbox is null) throw new InvalidOperationException("make the machine with Processor first");
        MemoryBank registers = machine.AddBank("control module", new PhysicalAddress(RegisterPage), SharedMemory.PageBytes);
        machine.AddModule(new WkupM3IpcModule(machine.Remoteproc, machine.PlatformBus));
        return machine.AddDevice("44e11324.wkup_m3_ipc", "wkup_m3_ipc", new WkupM3IpcPlatform(
            machine.Processors[0].Device.Name,
            registers.SliceMemory(new PhysicalAddress(RegisterPage + RegisterOffset), RegisterBytes),
            _transmitEvent,
            _mailbox));
    }

    private ScriptedCore MakeCore(Scheduler scheduler)
    {
        _transmitEvent = new Doorbell(scheduler, "wkup_m3 TXEV", 2);
        _mailbox = new Doorbell(scheduler, "wkup_m3 mailbox", 1);
        WkupM3Program program = new(_transmitEvent, _mailbox, new DeviceAddress(RegisterPage + RegisterOffset))
        {
            Version = FirmwareVersion,
            Answers = FirmwareAnswers,
        };
        return new ScriptedCore(scheduler, "wkup_m3", program);
    }
}
