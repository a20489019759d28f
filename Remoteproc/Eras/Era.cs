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
    /// <summary>A warning; the firmware finds other memory at that address. Kernel: rproc_alloc_carveout.</summary>
    Warns,
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
}

/// <summary>An ordering of the lifecycle, as data: each policy is one difference between kernels, and nothing else differs.</summary>
/// <remarks>The code asks for a policy by name and never for an era. What each kernel did stands at the policy's values.</remarks>
public sealed record Era
{
    /// <summary>What we run by default: v4.10's guarantee with today's features, and closed where upstream is open.</summary>
    public static readonly Era Emu = new()
    {
        Name = "Emu",
        VringPublication = VringPublication.WithResources,
        VdevFailure = VdevFailure.FailsBoot,
        MessageBufferLife = MessageBufferLife.WithRings,
        FixedAddressMismatch = FixedAddressMismatch.Refuses,
        FailedRecovery = FailedRecovery.ReleasesAll,
        DeleteWithUsers = DeleteWithUsers.ShutsDown,
    };

    /// <summary>Linux from v4.20 to today, in the form of v6.12.</summary>
    public static readonly Era D = new()
    {
        Name = "D",
        VringPublication = VringPublication.AtFindVqs,
        VdevFailure = VdevFailure.DropsVdev,
        MessageBufferLife = MessageBufferLife.UntilDriverFrees,
        FixedAddressMismatch = FixedAddressMismatch.Warns,
        FailedRecovery = FailedRecovery.KeepsPower,
        DeleteWithUsers = DeleteWithUsers.DropsOneUser,
    };

    /// <summary>What a person calls it.</summary>
    public required string Name { get; init; }

    /// <summary>When a vring's device address is published.</summary>
    public required VringPublication VringPublication { get; init; }

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

    /// <inheritdoc/>
    public override string ToString() => Name;
}
