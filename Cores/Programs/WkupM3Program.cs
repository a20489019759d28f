using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>The power-management processor of an AM335x: says its version, then answers each ring of its mailbox with an event.</summary>
/// <remarks>Source: drivers/soc/ti/wkup_m3_ipc.c, whose other end this is.</remarks>
/// <param name="transmitEvent">TXEV, to the host; line 0.</param>
/// <param name="mailbox">The host's mailbox, to here.</param>
/// <param name="ipcRegisters">IPC message register 0; register n is four bytes further each.</param>
public sealed class WkupM3Program(Doorbell transmitEvent, Doorbell mailbox, DeviceAddress ipcRegisters) : RemoteProgram
{
    private const ulong VersionOffset = 8; // register 2, low half

    /// <inheritdoc/>
    public override string Name => "wkup-m3";

    /// <summary>What it says its version is. The driver warns below 0x191, and of 0xFFFF.</summary>
    public ushort Version { get; init; } = 0x192;

    /// <summary>Whether it answers its mailbox. One that does not gets the host an -EIO after 500 ms.</summary>
    public bool Answers { get; init; } = true;

    /// <summary>Commands seen.</summary>
    public long CommandCount { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        mailbox.Clear();
        uint others = context.ReadU32(ipcRegisters + VersionOffset) & 0xFFFF_0000;
        context.WriteU32(ipcRegisters + VersionOffset, others | Version);
        context.Trace.WriteLine($"wkup-m3: boot, version 0x{Version:x}");
        _ = transmitEvent.Ring(0); // it has a line 0
        while (true)
        {
            _ = await mailbox.WaitAsync(); // no timeout
            while (mailbox.TryTake(out int _)) CommandCount++;
            if (Answers) _ = transmitEvent.Ring(0);
        }
    }

    /// <inheritdoc/>
    public override void Rewind() => CommandCount = 0;
}
