using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.VirtioBackend;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>Scenario files: those that come with the emulator, and the user's own.</summary>
public static class ScenarioFiles
{
    internal const string WkupM3Ipc = "wkup_m3_ipc";
    internal const string VirtioNet = "virtio_net";
    internal const string WkupM3Program = "wkup_m3";
    internal const string Extension = ".yaml";
    private static readonly DeviceAddress s_madeImage = new(0x1000_0000);

    private static readonly string[] s_modules =
    [
        "remoteproc", "rpmsg_core", RpmsgNsModule.ModuleName, VirtioRpmsgBusModule.ModuleName, RpmsgClientSampleModule.ModuleName,
        VirtioNet,
    ];

    // Where the machine asks its fault plan: see IFaultPlan.
    private static readonly string[] s_faultSites =
    [
        "device_add", "dma_alloc_coherent", "driver_register", "iommu_map", "platform_device_register", "register_virtio_device",
        "remoteproc_init", "request_firmware", "rp_find_vq", "rproc_alloc", "rproc_alloc_registered_carveouts", "rproc_alloc_vring",
        "rproc_coredump", "rproc_enable_iommu", "rproc_find_loaded_rsc_table", "rproc_find_rsc_table", "rproc_fw_boot",
        "rproc_fw_sanity_check", "rproc_handle_resources", "rproc_handle_trace", "rproc_load_segments", "rproc_mem_entry_init",
        "rproc_ops_attach", "rproc_ops_detach", "rproc_ops_start", "rproc_ops_stop", "rproc_parse_fw", "rproc_prepare_device",
        "rproc_prepare_subdevices", "rproc_set_rsc_table", "rproc_start_subdevices", "subdev_prepare", "subdev_start",
    ];

    /// <summary>The names of the scenarios that come with the emulator, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(ScenarioFiles).Assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(Extension, StringComparison.Ordinal))
            .Select(name => name[..^Extension.Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>The text of a scenario that comes with the emulator.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>Null when there is none of that name.</returns>
    public static string? TextOf(string name)
    {
        using Stream? stream = typeof(ScenarioFiles).Assembly.GetManifestResourceStream(name + Extension);
        if (stream is null) return null;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Reads a scenario that comes with the emulator.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="errors">Its mistakes.</param>
    /// <returns>Null when it has mistakes.</returns>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Scenario? TryReadOwn(string name, out IReadOnlyList<ScenarioError> errors) => TryRead(
        TextOf(name) ?? throw new ArgumentException($"no scenario of the name {name}", nameof(name)), name + Extension, null, out errors);

    /// <summary>Reads a scenario's text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">What to call the file in errors.</param>
    /// <param name="folder">Where the paths of its images begin; null where it may name none.</param>
    /// <param name="errors">Its mistakes, in the order of the file.</param>
    /// <returns>Null when it has mistakes.</returns>
    public static Scenario? TryRead(string text, string file, string? folder, out IReadOnlyList<ScenarioError> errors) =>
        ScenarioReader.TryRead(text, file, Vocabulary(folder), out errors);

    /// <summary>The names that a scenario may use on our machines.</summary>
    /// <param name="folder">Where the paths of its images begin; null where it may name none.</param>
    public static ScenarioVocabulary Vocabulary(string? folder) => new()
    {
        Images = [.. SampleImages.All.Select(image => image.Name)],
        Programs = [.. RemotePrograms.All.Select(program => program.Name), WkupM3Program],
        Modules = s_modules,
        Devices = [WkupM3Ipc],
        FaultSites = s_faultSites,
        HasImageFile = folder is null ? null : path => File.Exists(Path.Combine(folder, path)),
    };

    /// <summary>The image of a processor: a sample, a file, or one that is made for it.</summary>
    /// <param name="processor">Whose.</param>
    /// <param name="folder">Where paths begin; null where there are none.</param>
    internal static byte[] ImageOf(ScenarioProcessor processor, string? folder)
    {
        if (processor.Image.Length > 0) return ReadImage(processor.Image, folder);
        const int tableOffset = 0x1000;
        ResourceTableBuilder table = new();
        foreach (ScenarioVdev vdev in processor.Vdevs)
        {
            VdevVring[] vrings = [.. vdev.Vrings.Select(ring => new VdevVring(uint.MaxValue, ring.AlignBytes, ring.Num, 0))];
            _ = table.AddVdev(vdev.Id, vdev.Features, vrings);
        }

        byte[] bytes = table.Build();
        byte[] segment = new byte[tableOffset + bytes.Length];
        bytes.CopyTo(segment.AsSpan(tableOffset));
        return new ElfBuilder(entry: s_madeImage + 1)
            .AddSegment(s_madeImage, segment)
            .AddSectionOfSegment(".resource_table", 0, tableOffset, bytes.Length)
            .Build();
    }

    /// <summary>The bytes of an image that a scenario names.</summary>
    /// <param name="image">A sample's name, or a path.</param>
    /// <param name="folder">Where paths begin; null where there are none.</param>
    internal static byte[] ReadImage(string image, string? folder) =>
        SampleImages.Find(image)?.Read() ?? File.ReadAllBytes(Path.Combine(folder ?? ".", image));
}
