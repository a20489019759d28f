using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Resources;
using RemoteprocEmu.Remoteproc.Subdevices;
using RemoteprocEmu.Remoteproc.Vdevs;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>
/// The platform driver of a processor that an <see cref="IRemoteCore"/> plays: what stm32_rproc or imx_rproc is on a board.
/// </summary>
/// <remarks>
/// Follows the common shape of those drivers: rproc_alloc, a mailbox whose interrupt thread calls rproc_vq_interrupt, a watchdog line
/// that calls rproc_report_crash, rproc_add; in reverse on removal.
/// </remarks>
public class RemoteCoreDriver(RemoteprocModule remoteproc, string name, KernelModule? owner) : Driver(name, owner)
{
    private const int CrashTypeCount = 16;

    /// <summary>The remoteproc core.</summary>
    protected RemoteprocModule Remoteproc { get; } = remoteproc;

    /// <summary>The processor of a device that this driver is bound to; null otherwise.</summary>
    public static Rproc? ProcessorOf(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return (device.DriverData as Binding)?.Rproc;
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if ((device as PlatformDevice)?.PlatformData is not RemoteCorePlatform platform) return Errno.ENODEV;
        Binding binding = new(device.Kernel.Scheduler, platform);
        Rproc? rproc = Remoteproc.Allocate(device, platform.Name, OpsOf(binding), new RprocConfig
        {
            DmaBank = platform.DmaBank,
            RemoteMemory = platform.Memory,
            FirmwareName = platform.FirmwareName,
            AutoBoot = platform.AutoBoot,
            StartsDetached = platform.StartsDetached,
            AttachOnRecovery = platform.AttachOnRecovery,
            SysfsReadOnly = platform.SysfsReadOnly,
        });
        if (rproc is null) return Errno.ENOMEM;
        binding.Rproc = rproc;
        device.DriverData = binding;
        foreach (Subdevice subdevice in platform.Subdevices) rproc.Subdevices.Add(subdevice);
        binding.StartInterrupts();
        Errno errno = await rproc.AddRprocAsync();
        if (errno == Errno.Ok) return Errno.Ok;
        await binding.StopInterruptsAsync();
        rproc.Put();
        return errno;
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Binding binding = (Binding)device.DriverData!;
        _ = await binding.Rproc.DeleteRprocAsync(); // cannot fail here: remove returns nothing
        await binding.StopInterruptsAsync();
        binding.Rproc.Put(); // rproc_free
    }

    private static RprocOps OpsOf(Binding binding)
    {
        RemoteCorePlatform platform = binding.Platform;
        return new RprocOps
        {
            Prepare = rproc => PrepareAsync(rproc, platform),
            Unprepare = _ => platform.Core.UnprepareAsync(),
            Start = rproc => platform.Core.StartAsync(binding.StartInfo(rproc)),
            Stop = _ => platform.Core.StopAsync(),
            Attach = rproc => platform.Core.AttachAsync(binding.StartInfo(rproc)),
            Detach = platform.CanDetach ? _ => platform.Core.DetachAsync() : null,
            Kick = platform.CanKick ? (_, notifyId) => platform.Core.Kick(notifyId) : null,
            DaToVa = (_, address, lengthBytes) => WindowToVa(platform.Memory, address, lengthBytes),
            AfterParse = AddDumpSegments,
            ToleratesMissingTable = platform.ToleratesMissingTable,
            GetLoadedTable = platform.LiveTable is null ? null : _ => LiveTable(platform),
        };
    }

    /// <summary>
    /// What the platform's own windows know; carveouts are the core's business. Kernel: a driver's da_to_va; length 0 finds nothing.
    /// </summary>
    private static Memory<byte>? WindowToVa(RemoteMemory memory, DeviceAddress address, ulong lengthBytes)
    {
        if (lengthBytes == 0 || !memory.Windows.TryTranslate(address, lengthBytes, out PhysicalAddress physical)) return null;
        return memory.Physical.Find(physical, lengthBytes)?.SliceMemory(physical, (int)lengthBytes);
    }

    private static async ValueTask<Errno> PrepareAsync(Rproc rproc, RemoteCorePlatform platform)
    {
        Errno errno = await platform.Core.PrepareAsync();
        if (errno != Errno.Ok) return errno;
        errno = RegisterReservedMemory(rproc, platform);
        if (errno != Errno.Ok) await platform.Core.UnprepareAsync();
        return errno;
    }

    private static Errno RegisterReservedMemory(Rproc rproc, RemoteCorePlatform platform)
    {
        foreach (ReservedMemory reserved in platform.ReservedMemory)
        {
            MemoryBank? bank = platform.Memory.Physical.Find(reserved.PhysicalAddress, (ulong)reserved.LengthBytes);
            if (bank is null)
            {
                rproc.Log.Error(rproc, $"reserved memory {reserved.Name} at {reserved.PhysicalAddress} has no memory behind it");
                return Errno.ENOMEM;
            }

            rproc.Carveouts.Add(Carveout.OfReservedMemory(reserved.Name, reserved.DeviceAddress, reserved.PhysicalAddress,
                bank.SliceMemory(reserved.PhysicalAddress, reserved.LengthBytes)));
        }

        return Errno.Ok;
    }

    /// <summary>A dump holds what the image loads. Kernel: the drivers that call rproc_coredump_add_segment in parse_fw.</summary>
    private static Errno AddDumpSegments(Rproc rproc, ElfImage image)
    {
        foreach (LoadSegment segment in LoadPlan.Of(image)) rproc.AddDumpSegment(segment.Address, segment.MemorySizeBytes);
        return Errno.Ok;
    }

    private static (Errno Errno, Memory<byte> Table) LiveTable(RemoteCorePlatform platform)
    {
        (DeviceAddress address, int lengthBytes) = platform.LiveTable!.Value;
        bool found = platform.Memory.TrySliceMemory(address, (ulong)lengthBytes, out Memory<byte> table);
        return found ? (Errno.Ok, table) : (Errno.ENOMEM, default);
    }

    /// <summary>What probe made for one device.</summary>
    private sealed class Binding(Scheduler scheduler, RemoteCorePlatform platform)
    {
        private static readonly NameSeries s_mailboxes = new("", " mailbox");
        private static readonly NameSeries s_crashLines = new("", " crash");
        private static readonly NameSeries s_mailboxThreads = new("irq/", "");
        private static readonly NameSeries s_crashThreads = new("irq/", "-wdg");

        private readonly Doorbell _mailbox = new(scheduler, s_mailboxes[platform.Name], NotifyIds.CountMax + 1);
        private readonly Doorbell _crashLine = new(scheduler, s_crashLines[platform.Name], CrashTypeCount + 1);
        private KernelTask? _mailboxThread;
        private KernelTask? _crashThread;

        public RemoteCorePlatform Platform { get; } = platform;

        public Rproc Rproc { get; set; } = null!;

        public CoreStart StartInfo(Rproc rproc)
        {
            DeviceAddress table = Platform.LiveTable is { } live && rproc.State == RprocState.Detached ? live.Address : rproc.TableAddress;
            return new CoreStart(rproc.BootAddress, Platform.Memory, table, rproc.Table.SizeBytes, _mailbox, _crashLine);
        }

        public void StartInterrupts()
        {
            _mailboxThread = scheduler.Spawn(s_mailboxThreads[Platform.Name], MailboxAsync, scheduler.Host, isDaemon: true);
            _crashThread = scheduler.Spawn(s_crashThreads[Platform.Name], CrashAsync, scheduler.Host, isDaemon: true);
        }

        /// <summary>Kernel: free_irq, which waits for a handler that runs. The last line of each doorbell means "end".</summary>
        public async ValueTask StopInterruptsAsync()
        {
            Invariant.Check(_mailbox.Ring(NotifyIds.CountMax) && _crashLine.Ring(CrashTypeCount), "the last line is for us");
            _ = await _mailboxThread!.Ended.WaitAsync();
            _ = await _crashThread!.Ended.WaitAsync();
        }

        private async ValueTask MailboxAsync()
        {
            while (true)
            {
                _ = await _mailbox.WaitAsync();
                while (_mailbox.TryTake(out int line))
                {
                    if (line == NotifyIds.CountMax) return;
                    _ = await Rproc.VqInterruptAsync(line); // IRQ_NONE and IRQ_HANDLED are the same to a mailbox
                }
            }
        }

        private async ValueTask CrashAsync()
        {
            while (true)
            {
                _ = await _crashLine.WaitAsync();
                while (_crashLine.TryTake(out int line))
                {
                    if (line == CrashTypeCount) return;
                    Rproc.ReportCrash((RprocCrashType)line);
                }
            }
        }
    }
}
