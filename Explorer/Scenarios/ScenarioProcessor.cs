using System.Collections.Generic;
using RemoteprocEmu.Cores.Programs;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>A remote processor of a scenario.</summary>
public sealed record ScenarioProcessor
{
    /// <summary>Its own name: sysfs <c>name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The image: a sample's name, or the path of an ELF file relative to the scenario's. Empty: made of <see cref="Vdevs"/>.
    /// </summary>
    public required string Image { get; init; }

    /// <summary>The vdevs of an image that is made for the scenario; empty where there is an <see cref="Image"/>.</summary>
    public IReadOnlyList<ScenarioVdev> Vdevs { get; init; } = [];

    /// <summary>What runs on it, by name.</summary>
    public string Program { get; init; } = "echo";

    /// <summary>What the program is told.</summary>
    public RemoteProgramOptions ProgramOptions { get; init; } = new();

    /// <summary>The driver, and its module.</summary>
    public string Driver { get; init; } = "emu_rproc";

    /// <summary>Whether adding it boots it.</summary>
    public bool AutoBoot { get; init; } = true;

    /// <summary>Whether it has an IOMMU; null when its table decides.</summary>
    public bool? HasIommu { get; init; }

    /// <summary>Whether it runs already when its driver comes.</summary>
    public bool StartsDetached { get; init; }

    /// <summary>Whether it can be detached from.</summary>
    public bool CanDetach { get; init; } = true;

    /// <summary>Whether it restarts itself after a crash.</summary>
    public bool AttachOnRecovery { get; init; }

    /// <summary>Whether it can be kicked.</summary>
    public bool CanKick { get; init; } = true;

    /// <summary>Whether sysfs takes no writes.</summary>
    public bool SysfsReadOnly { get; init; }

    /// <summary>Whether an image without a table may boot.</summary>
    public bool ToleratesMissingTable { get; init; }

    /// <summary>Subdevices of the platform, in order; what they are called to do is in the log.</summary>
    public IReadOnlyList<string> Subdevices { get; init; } = [];
}
