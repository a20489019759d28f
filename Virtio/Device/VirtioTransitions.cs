using System;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>The legal ways of a status byte, as data.</summary>
/// <remarks>
/// <code>
/// modern, with VERSION_1:   0 -> 1 -> 3 -> b -> f
/// legacy, as over remoteproc: 0 -> 1 -> 3 -> 7
/// </code>
/// From everywhere a reset leads to 0. FAILED and NEEDS_RESET may join any value but 0, and then only a reset leads on. A driver that
/// writes what stands there already does nothing. Linux does not look: it adds bits whatever they are added to, and a driver that probes
/// after another has failed goes on at 83. A device that holds to this table does not follow it there.
/// Source: VIRTIO 1.3, 2.1, 2.1.1, 2.1.2, 3.1.1 and 3.1.2.
/// </remarks>
public static class VirtioTransitions
{
    private const VirtioStatus Stuck = VirtioStatus.Failed | VirtioStatus.NeedsReset;

    /// <summary>Each step forward: from, step, to, and whether it belongs to the modern order; null for both.</summary>
    private static readonly (byte From, VirtioStatusStep Step, byte To, bool? Modern)[] s_forward =
    [
        (0x00, VirtioStatusStep.Acknowledge, 0x01, null),
        (0x01, VirtioStatusStep.Driver, 0x03, null),
        (0x03, VirtioStatusStep.FeaturesOk, 0x0b, true),
        (0x0b, VirtioStatusStep.DriverOk, 0x0f, true),
        (0x03, VirtioStatusStep.DriverOk, 0x07, false),
    ];

    /// <summary>Where a step leads.</summary>
    /// <param name="from">The status before.</param>
    /// <param name="step">What is done.</param>
    /// <param name="isModern">Whether VERSION_1 was negotiated.</param>
    /// <returns>The status after; null when the step is not legal there.</returns>
    public static VirtioStatus? Next(VirtioStatus from, VirtioStatusStep step, bool isModern)
    {
        if (step == VirtioStatusStep.Reset) return VirtioStatus.None;
        if (step == VirtioStatusStep.Fail) return from == VirtioStatus.None ? null : from | VirtioStatus.Failed;
        if (step == VirtioStatusStep.NeedsReset) return from == VirtioStatus.None ? null : from | VirtioStatus.NeedsReset;
        if ((from & Stuck) != 0) return null;
        foreach ((byte at, VirtioStatusStep forward, byte to, bool? modern) in s_forward)
        {
            if ((byte)from == at && step == forward && (modern ?? isModern) == isModern) return (VirtioStatus)to;
        }

        return null;
    }

    /// <summary>Whether a driver may write a value over another.</summary>
    /// <param name="from">What stands there.</param>
    /// <param name="written">What it writes.</param>
    /// <param name="isModern">Whether VERSION_1 was negotiated.</param>
    public static bool MayWrite(VirtioStatus from, VirtioStatus written, bool isModern)
    {
        if (written == from) return true;
        foreach (VirtioStatusStep step in Enum.GetValues<VirtioStatusStep>())
        {
            if (step != VirtioStatusStep.NeedsReset && Next(from, step, isModern) == written) return true;
        }

        return false;
    }
}
