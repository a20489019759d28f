namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>How the kernel sorts and names the types.</summary>
public static class ResourceTypes
{
    /// <summary>Whether the type belongs to the platform driver's <c>handle_rsc</c>: 128 to 512, both included.</summary>
    public static bool IsVendor(this ResourceType type) => type is >= ResourceType.VendorStart and <= ResourceType.VendorEnd;

    /// <summary>Whether the core itself handles the type: 0 to 3.</summary>
    public static bool IsKnown(this ResourceType type) => type < ResourceType.Last;

    /// <summary>The kernel's name, <c>RSC_VDEV</c>; <c>vendor</c> or <c>unknown</c> for the rest.</summary>
    public static string KernelName(this ResourceType type) => type switch
    {
        ResourceType.Carveout => "RSC_CARVEOUT",
        ResourceType.Devmem => "RSC_DEVMEM",
        ResourceType.Trace => "RSC_TRACE",
        ResourceType.Vdev => "RSC_VDEV",
        _ => type.IsVendor() ? "vendor" : "unknown",
    };
}
