namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>The first word of an entry: what it asks for.</summary>
/// <remarks>Source: include/linux/rsc_table.h (before v6.12 include/linux/remoteproc.h), enum fw_resource_type.</remarks>
public enum ResourceType : uint
{
    /// <summary>RSC_CARVEOUT: a piece of contiguous memory.</summary>
    Carveout = 0,
    /// <summary>RSC_DEVMEM: a peripheral to be mapped in the processor's IOMMU.</summary>
    Devmem = 1,
    /// <summary>RSC_TRACE: a text buffer the remote logs to.</summary>
    Trace = 2,
    /// <summary>RSC_VDEV: a virtio device with its rings.</summary>
    Vdev = 3,
    /// <summary>RSC_LAST: the count of the known types, not a type. From here to 127, and from 513 on: warned about and skipped.</summary>
    Last = 4,
    /// <summary>RSC_VENDOR_START: first type left to the platform driver (since commit b1a17513a2d6).</summary>
    VendorStart = 128,
    /// <summary>RSC_VENDOR_END: last type left to the platform driver.</summary>
    VendorEnd = 512,
}
