using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace RemoteprocEmu.Remoteproc.Eras;

/// <summary>When a vring's device address is written into the table that the firmware reads.</summary>
public enum VringPublication
{
    /// <summary>
    /// With the other resources, so that it is there at the first instruction. Kernel: a863af5d4193 (v4.10), rproc_handle_vdev.
    /// </summary>
    WithResources,
    /// <summary>When a virtio driver binds, after the start. Kernel: c0d631570ad5 (v4.20), rp_find_vq.</summary>
    AtFindVqs,
}

/// <summary>What becomes of the device address that a table asks for a vring.</summary>
public enum VringAddress
{
    /// <summary>It is overwritten, whatever it was: the memory is anywhere. Kernel: rproc_alloc_vring up to v4.19.</summary>
    Overwritten,
    /// <summary>It is where the vring goes; only Any means anywhere. Kernel: c6aed238b7a9 (v4.20), rproc_alloc_vring.</summary>
    Requested,
}

/// <summary>What a vdev that cannot be set up does to the boot.</summary>
public enum VdevFailure
{
    /// <summary>The boot fails with its errno. Kernel: rproc_handle_vdev up to v6.0.</summary>
    FailsBoot,
    /// <summary>
    /// The vdev is silently missing. Kernel: 1d7b61c06dc3 (v6.1): device registration drops the error of rproc_virtio_probe.
    /// </summary>
    DropsVdev,
}

/// <summary>How long message buffers live that a virtio driver takes from its vdev.</summary>
public enum MessageBufferLife
{
    /// <summary>As long as the vdev's rings: the remote may still hold their addresses after the driver is gone.</summary>
    WithRings,
    /// <summary>Until the driver frees them. Kernel: rpmsg_remove, dma_free_coherent under a live remote.</summary>
    UntilDriverFrees,
}

/// <summary>What happens when memory with a fixed device address cannot be had at that address, and no IOMMU can make up for it.</summary>
public enum FixedAddressMismatch
{
    /// <summary>The carveout is refused.</summary>
    Refuses,
    /// <summary>A warning; the firmware finds other memory at that address. Kernel: rproc_alloc_carveout (v4.20).</summary>
    Warns,
    /// <summary>As that, and nobody says so. Kernel: rproc_handle_carveout up to v4.19.</summary>
    PassesUnnoticed,
}

/// <summary>What is left when a recovery cannot start the processor again.</summary>
public enum FailedRecovery
{
    /// <summary>Nothing: power is 0 and every resource is given back, so that a later start boots.</summary>
    ReleasesAll,
    /// <summary>Power and resources stay: a later start does nothing and returns 0. Kernel: rproc_boot_recovery.</summary>
    KeepsPower,
}

/// <summary>What deleting a processor does while more than one user holds it powered.</summary>
public enum DeleteWithUsers
{
    /// <summary>Switches it off.</summary>
    ShutsDown,
    /// <summary>Drops one user; the processor keeps running. Kernel: rproc_del, whose comment says that this is open.</summary>
    DropsOneUser,
    /// <summary>Drops the user that auto boot is, where there is auto boot. Kernel: ddf711872c9d (v4.9) to v5.12, rproc_del.</summary>
    DropsAutoBoot,
}

/// <summary>From when on a processor that is being deleted refuses to boot.</summary>
public enum DeletionMark
{
    /// <summary>From the begin of rproc_del, which also cancels a crash's handling. Kernel: the flag deleting (v6.12 stable).</summary>
    First,
    /// <summary>When rproc_del has shut it down; a crash's handling is left alone. Kernel: RPROC_DELETED (about v4.11).</summary>
    AfterShutdown,
}

/// <summary>What adding a processor that runs already does.</summary>
public enum DetachedStart
{
    /// <summary>It is attached to. Kernel: RPROC_DETACHED (v5.9), rproc_attach.</summary>
    Adopted,
    /// <summary>It is refused: this kernel can boot and nothing else.</summary>
    Refused,
}

/// <summary>An ordering of the lifecycle, as data: each policy is one difference between kernels, and nothing else differs.</summary>
/// <remarks>The code asks for a policy by name and never for an era. What each kernel did stands at the policy's values.</remarks>
public sealed record Era
{
    /// <summary>Linux from v4.10 to v4.19: rings belong to the vdev and are there before the first instruction.</summary>
    public static readonly Era C = new()
    {
        Name = "C",
        Kernels = "Linux v4.10 to v4.19: rings are there, and published, before the first instruction",
        VringPublication = VringPublication.WithResources,
        VringAddress = VringAddress.Overwritten,
        VdevFailure = VdevFailure.FailsBoot,
        MessageBufferLife = MessageBufferLife.UntilDriverFrees,
        FixedAddressMismatch = FixedAddressMismatch.PassesUnnoticed,
        FailedRecovery = FailedRecovery.KeepsPower,
        DeleteWithUsers = DeleteWithUsers.DropsAutoBoot,
        DeletionMark = DeletionMark.AfterShutdown,
        DetachedStart = DetachedStart.Refused,
    };

    /// <summary>Linux from v4.20 to today, in the form of v6.12.</summary>
    public static readonly Era D = new()
    {
        Name = "D",
        Kernels = "Linux v4.20 to today: rings are published when a driver binds",
        VringPublication = VringPublication.AtFindVqs,
        VringAddress = VringAddress.Requested,
        VdevFailure = VdevFailure.DropsVdev,
        MessageBufferLife = MessageBufferLife.UntilDriverFrees,
        FixedAddressMismatch = FixedAddressMismatch.Warns,
        FailedRecovery = FailedRecovery.KeepsPower,
        DeleteWithUsers = DeleteWithUsers.DropsOneUser,
        DeletionMark = DeletionMark.First,
        DetachedStart = DetachedStart.Adopted,
    };

    /// <summary>What we run by default: v4.10's guarantee with today's features, and closed where upstream is open.</summary>
    public static readonly Era Emu = new()
    {
        Name = "Emu",
        Kernels = "our own: C's guarantee, today's features, closed where upstream is open",
        VringPublication = VringPublication.WithResources,
        VringAddress = VringAddress.Requested,
        VdevFailure = VdevFailure.FailsBoot,
        MessageBufferLife = MessageBufferLife.WithRings,
        FixedAddressMismatch = FixedAddressMismatch.Refuses,
        FailedRecovery = FailedRecovery.ReleasesAll,
        DeleteWithUsers = DeleteWithUsers.ShutsDown,
        DeletionMark = DeletionMark.First,
        DetachedStart = DetachedStart.Adopted,
    };

    /// <summary>Every era, in the order of kernels; our own is last.</summary>
    public static IReadOnlyList<Era> All { get; } = [C, D, Emu];

    /// <summary>What a person calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Which kernels it is, in a line.</summary>
    public required string Kernels { get; init; }

    /// <summary>When a vring's device address is published.</summary>
    public required VringPublication VringPublication { get; init; }

    /// <summary>What becomes of the device address that a table asks for a vring.</summary>
    public required VringAddress VringAddress { get; init; }

    /// <summary>What a vdev that cannot be set up does to the boot.</summary>
    public required VdevFailure VdevFailure { get; init; }

    /// <summary>How long message buffers live.</summary>
    public required MessageBufferLife MessageBufferLife { get; init; }

    /// <summary>What happens when a fixed device address cannot be had.</summary>
    public required FixedAddressMismatch FixedAddressMismatch { get; init; }

    /// <summary>What is left after a recovery that failed.</summary>
    public required FailedRecovery FailedRecovery { get; init; }

    /// <summary>What deleting does while others hold the processor powered.</summary>
    public required DeleteWithUsers DeleteWithUsers { get; init; }

    /// <summary>From when on a processor that is being deleted refuses to boot.</summary>
    public required DeletionMark DeletionMark { get; init; }

    /// <summary>What adding a processor that runs already does.</summary>
    public required DetachedStart DetachedStart { get; init; }

    /// <summary>Finds an era by its name, in capitals or not.</summary>
    /// <returns>False when there is none of that name.</returns>
    public static bool TryParse(string? name, [NotNullWhen(true)] out Era? era)
    {
        era = All.FirstOrDefault(candidate => candidate.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return era is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
