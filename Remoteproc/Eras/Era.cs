using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;

namespace RemoteprocEmu.Remoteproc.Eras;

/// <summary>When the vdevs of a table become virtio devices, which is when drivers bind to them.</summary>
public enum VdevRegistration
{
    /// <summary>
    /// When the processor is added, before any boot: the table is read then and kept until rproc_del. Kernel: 7a186941626d (v3.4) to v4.8,
    /// rproc_fw_config_virtio.
    /// </summary>
    AtRegistration,
    /// <summary>In the boot, before segments are loaded; gone in the clean-up. Kernel: d81fb32f3da6 (v4.9), rproc_fw_boot.</summary>
    BeforeSegments,
    /// <summary>
    /// As subdevices: after the processor has started, gone before it stops. Kernel: f5bcb35387ef (v4.10), rproc_start_subdevices.
    /// </summary>
    AfterStart,
}

/// <summary>How long a vring has memory and a notifyid.</summary>
public enum VringLife
{
    /// <summary>While a driver has its queue. Kernel: 6db20ea8d850 (v3.5) to v4.9, rproc_virtio_find_vqs and del_vqs.</summary>
    FindVqsToDelVqs,
    /// <summary>As the other resources, from the boot to the clean-up. Kernel: a863af5d4193, 2b45cef5868a (v4.10).</summary>
    WithResources,
}

/// <summary>Whether the driver of a vdev is a user of the processor.</summary>
public enum DriverPower
{
    /// <summary>find_vqs boots, del_vqs shuts down first. Kernel: rproc_virtio_find_vqs up to v4.8 (rproc_boot_nowait).</summary>
    IsUser,
    /// <summary>It is not. Kernel: ddf711872c9d (v4.9).</summary>
    IsNoUser,
}

/// <summary>Who keeps the platform driver's module loaded.</summary>
public enum ModuleReference
{
    /// <summary>Each user: rproc_boot takes it, rproc_shutdown drops it, and a processor that boots itself pins its own driver.</summary>
    TakenByBoot,
    /// <summary>
    /// Each handle: rproc_get_by_phandle takes it, rproc_put drops it. Kernel: 433c0e04bc80, fbb6aacb0782 (v4.9 or v4.10).
    /// </summary>
    TakenByHandle,
}

/// <summary>Who waits for the callback of the image that rproc_add asks for. Kernel: firmware_loading_complete.</summary>
public enum FirmwareCallback
{
    /// <summary>rproc_del does. Kernel: up to v4.4.</summary>
    AwaitedByDelete,
    /// <summary>rproc_del, and rproc_boot with the lock held. Kernel: 3d87fa1d47c1 (after v4.4) to v4.9, __rproc_boot.</summary>
    AwaitedByBootAndDelete,
    /// <summary>Nobody, and it comes only where auto boot is asked for. Kernel: 2bfc311a57f5 (v4.10).</summary>
    NotAwaited,
}

/// <summary>While what the table in effect is the firmware's own. Kernel: table_ptr.</summary>
public enum LoadedTable
{
    /// <summary>From after ops->start until the clean-up is done. Kernel: rproc_fw_boot and rproc_shutdown up to v4.8.</summary>
    FromStarted,
    /// <summary>From before ops->start until the clean-up is done, which frees the cached one. Kernel: v4.9.</summary>
    UntilCleanedUp,
    /// <summary>From before ops->start until before ops->stop. Kernel: rproc_start, rproc_stop (v4.10).</summary>
    UntilStop,
}

/// <summary>When a processor that boots is called running.</summary>
public enum RunningState
{
    /// <summary>After ops->start. Kernel: rproc_fw_boot up to v4.9.</summary>
    AfterStart,
    /// <summary>After its subdevices have started. Kernel: rproc_start (v4.10).</summary>
    AfterSubdevices,
}

/// <summary>How a crashed processor comes up again. Kernel: rproc_trigger_recovery.</summary>
public enum RecoveryForm
{
    /// <summary>
    /// Its vdevs are unregistered, each driver shuts it down, the last user lets crash_comp go on, and registration begins anew: it hangs
    /// while somebody else holds power. Kernel: up to v4.8.
    /// </summary>
    RegistersAnew,
    /// <summary>A shutdown, a wait for crash_comp, a boot; it hangs with more than one user. Kernel: v4.9.</summary>
    ShutsDownAndBoots,
    /// <summary>As that, and the boot counts two users. Kernel: the auto-boot series of 2016, its first version.</summary>
    ShutsDownAndBootsTwice,
    /// <summary>A stop and a start: users and resources stay. Kernel: rproc_stop and rproc_start (v4.14).</summary>
    RestartsInPlace,
}

/// <summary>What a vring that no driver has holds, for a remote that still reads it.</summary>
public enum VringContents
{
    /// <summary>
    /// What the last driver has left, until another comes; then it is cleared together with the vdev's others, and so it is before the
    /// processor starts again in place. Firmware that looks at its rings alone never finds one of them cleared and the other not.
    /// </summary>
    ClearedTogether,
    /// <summary>What the last driver has left, until another makes its queue. Kernel: rp_find_vq, the memset, ring by ring.</summary>
    LeftByLastDriver,
}

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
    /// <summary>
    /// As long as the vdev's rings, and the next driver has others: the remote may still hold their addresses after the driver is gone.
    /// </summary>
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
    /// <summary>Drops nobody; the drivers of its vdevs were the users. Kernel: rproc_del up to v4.8.</summary>
    DropsNobody,
    /// <summary>Drops the user that auto boot is, where there is auto boot. Kernel: ddf711872c9d (v4.9) to v5.12, rproc_del.</summary>
    DropsAutoBoot,
}

/// <summary>From when on a processor that is being deleted refuses to boot.</summary>
public enum DeletionMark
{
    /// <summary>From the begin of rproc_del, which also cancels a crash's handling. Kernel: the flag deleting (v6.12 stable).</summary>
    First,
    /// <summary>
    /// It does not: rproc_boot follows the pointer to its driver, which is gone. Kernel: rproc_boot up to v4.9, try_module_get.
    /// </summary>
    None,
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
    /// <summary>Linux up to v4.8 in its last form: who makes queues boots, and the last to delete them shuts down.</summary>
    public static readonly Era A = new()
    {
        Name = "A",
        Kernels = "Linux up to v4.8: the first driver of a vdev boots the processor",
        VdevRegistration = VdevRegistration.AtRegistration,
        VringLife = VringLife.FindVqsToDelVqs,
        DriverPower = DriverPower.IsUser,
        ModuleReference = ModuleReference.TakenByBoot,
        FirmwareCallback = FirmwareCallback.AwaitedByBootAndDelete,
        LoadedTable = LoadedTable.FromStarted,
        RunningState = RunningState.AfterStart,
        RecoveryForm = RecoveryForm.RegistersAnew,
        VringContents = VringContents.LeftByLastDriver,
        VringPublication = VringPublication.AtFindVqs,
        VringAddress = VringAddress.Overwritten,
        VdevFailure = VdevFailure.FailsBoot,
        MessageBufferLife = MessageBufferLife.UntilDriverFrees,
        FixedAddressMismatch = FixedAddressMismatch.PassesUnnoticed,
        FailedRecovery = FailedRecovery.ReleasesAll,
        DeleteWithUsers = DeleteWithUsers.DropsNobody,
        DeletionMark = DeletionMark.None,
        DetachedStart = DetachedStart.Refused,
    };

    /// <summary>The auto-boot series of 2016 as it was discussed, and Linux v4.9.</summary>
    public static readonly Era B = new()
    {
        Name = "B",
        Kernels = "the auto-boot series of 2016, Linux v4.9: rings are made when a driver binds",
        VdevRegistration = VdevRegistration.BeforeSegments,
        VringLife = VringLife.FindVqsToDelVqs,
        DriverPower = DriverPower.IsNoUser,
        ModuleReference = ModuleReference.TakenByBoot,
        FirmwareCallback = FirmwareCallback.AwaitedByBootAndDelete,
        LoadedTable = LoadedTable.UntilCleanedUp,
        RunningState = RunningState.AfterStart,
        RecoveryForm = RecoveryForm.ShutsDownAndBoots,
        VringContents = VringContents.LeftByLastDriver,
        VringPublication = VringPublication.AtFindVqs,
        VringAddress = VringAddress.Overwritten,
        VdevFailure = VdevFailure.FailsBoot,
        MessageBufferLife = MessageBufferLife.UntilDriverFrees,
        FixedAddressMismatch = FixedAddressMismatch.PassesUnnoticed,
        FailedRecovery = FailedRecovery.ReleasesAll,
        DeleteWithUsers = DeleteWithUsers.DropsAutoBoot,
        DeletionMark = DeletionMark.None,
        DetachedStart = DetachedStart.Refused,
    };

    /// <summary>The series in its first version.</summary>
    public static readonly Era BV1 = B with
    {
        Name = "B-v1",
        Kernels = "the series' first version: a recovery counts two users",
        RecoveryForm = RecoveryForm.ShutsDownAndBootsTwice,
    };

    /// <summary>Linux from v4.10 to v4.19: rings belong to the vdev and are there before the first instruction.</summary>
    public static readonly Era C = new()
    {
        Name = "C",
        Kernels = "Linux v4.10 to v4.19: rings are published before the first instruction",
        VdevRegistration = VdevRegistration.AfterStart,
        VringLife = VringLife.WithResources,
        DriverPower = DriverPower.IsNoUser,
        ModuleReference = ModuleReference.TakenByHandle,
        FirmwareCallback = FirmwareCallback.NotAwaited,
        LoadedTable = LoadedTable.UntilStop,
        RunningState = RunningState.AfterSubdevices,
        RecoveryForm = RecoveryForm.RestartsInPlace,
        VringContents = VringContents.LeftByLastDriver,
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
        VdevRegistration = VdevRegistration.AfterStart,
        VringLife = VringLife.WithResources,
        DriverPower = DriverPower.IsNoUser,
        ModuleReference = ModuleReference.TakenByHandle,
        FirmwareCallback = FirmwareCallback.NotAwaited,
        LoadedTable = LoadedTable.UntilStop,
        RunningState = RunningState.AfterSubdevices,
        RecoveryForm = RecoveryForm.RestartsInPlace,
        VringContents = VringContents.LeftByLastDriver,
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
        VdevRegistration = VdevRegistration.AfterStart,
        VringLife = VringLife.WithResources,
        DriverPower = DriverPower.IsNoUser,
        ModuleReference = ModuleReference.TakenByHandle,
        FirmwareCallback = FirmwareCallback.NotAwaited,
        LoadedTable = LoadedTable.UntilStop,
        RunningState = RunningState.AfterSubdevices,
        RecoveryForm = RecoveryForm.RestartsInPlace,
        VringContents = VringContents.ClearedTogether,
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
    public static IReadOnlyList<Era> All { get; } = [A, B, BV1, C, D, Emu];

    /// <summary>What a person calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Which kernels it is, in a line.</summary>
    public required string Kernels { get; init; }

    /// <summary>When vdevs become virtio devices.</summary>
    public required VdevRegistration VdevRegistration { get; init; }

    /// <summary>How long a vring has memory and a notifyid.</summary>
    public required VringLife VringLife { get; init; }

    /// <summary>Whether the driver of a vdev is a user of the processor.</summary>
    public required DriverPower DriverPower { get; init; }

    /// <summary>Who keeps the platform driver's module loaded.</summary>
    public required ModuleReference ModuleReference { get; init; }

    /// <summary>Who waits for the callback of the image that rproc_add asks for.</summary>
    public required FirmwareCallback FirmwareCallback { get; init; }

    /// <summary>While what the table in effect is the firmware's own.</summary>
    public required LoadedTable LoadedTable { get; init; }

    /// <summary>When a processor that boots is called running.</summary>
    public required RunningState RunningState { get; init; }

    /// <summary>How a crashed processor comes up again.</summary>
    public required RecoveryForm RecoveryForm { get; init; }

    /// <summary>What a vring holds that no driver has.</summary>
    public required VringContents VringContents { get; init; }

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
