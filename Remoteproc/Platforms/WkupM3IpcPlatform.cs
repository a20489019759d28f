using System;
using RemoteprocEmu.Platform.Doorbells;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>What the board tells the wkup_m3_ipc driver: its registers, its two signals, and the handle of its processor.</summary>
/// <param name="RprocHandle">The platform device that <c>ti,rproc</c> names; null when the node lacks it.</param>
/// <param name="Registers">The IPC message registers, eight words; shared with the M3.</param>
/// <param name="TransmitEvent">TXEV, M3 to host; line 0.</param>
/// <param name="Mailbox">Mailbox, host to M3; line 0.</param>
public sealed record WkupM3IpcPlatform(string? RprocHandle, Memory<byte> Registers, Doorbell TransmitEvent, Doorbell Mailbox);

/// <summary>What the host believes of the M3. Source: include/linux/wkup_m3_ipc.h, drivers/soc/ti/wkup_m3_ipc.c.</summary>
public enum WkupM3State
{
    /// <summary>It did not answer.</summary>
    Unknown = 0,
    /// <summary>In reset, or not heard of since.</summary>
    Reset = 1,
    /// <summary>Its firmware has said hello.</summary>
    Initialised = 2,
    /// <summary>Asked to go to low power; not answered.</summary>
    MessageForLowPower = 3,
    /// <summary>Asked to reset itself; not answered.</summary>
    MessageForReset = 4,
}
