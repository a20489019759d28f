using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Board;

/// <summary>The images of samples/firmware, embedded, so that there is something to boot wherever the emulator is.</summary>
public static class SampleImages
{
    /// <summary>All of them, the usual one first.</summary>
    public static IReadOnlyList<SampleImage> All { get; } =
    [
        new("rpmsg-echo", "Cortex-M4: one rpmsg vdev, 2 x 16, and a trace buffer; the usual case"),
        new("rpmsg-two-vdevs", "Cortex-M4: two rpmsg vdevs, ready at the first instruction"),
        new("rpmsg-net", "Cortex-M4: an rpmsg vdev and a network vdev with config space"),
        new("net-eight", "Cortex-M4: eight network vdevs, sixteen notifyids"),
        new("net-two", "Cortex-M4: two network vdevs, to be joined to one wire"),
        new("serial", "Cortex-M4: an rproc-serial vdev and a console vdev, for bytes without messages"),
        new("pm-trace-only", "Cortex-M3: a trace buffer only; power management, booted by its consumer"),
        new("carveouts-fixed", "Cortex-A53, ELF64: carveouts, devmem and rings at fixed addresses; needs an IOMMU"),
        new("lma-vma", "Cortex-M4: table and data are loaded in one place and run in another"),
        new("empty-table", "Cortex-M4: a table section of no bytes; refused with -EINVAL"),
        new("odd-types", "Cortex-M4: entry types 4, 5, 77 and 200 around an rpmsg vdev"),
        new("riscv64-rpmsg", "RV64, ELF64: as rpmsg-echo"),
    ];

    /// <summary>Finds a sample.</summary>
    /// <param name="name">Its name; <c>.elf</c> may follow.</param>
    /// <returns>Null when there is none of that name.</returns>
    public static SampleImage? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (SampleImage image in All)
        {
            if (string.Equals(image.Name, name, StringComparison.Ordinal)) return image;
            if (string.Equals(image.FileName, name, StringComparison.Ordinal)) return image;
        }

        return null;
    }
}
