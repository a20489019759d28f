using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Reads a scenario file: every mistake in it is an error with its place, and nothing is guessed.</summary>
/// <remarks>The schema is in docs/scenarios.md.</remarks>
public sealed class ScenarioReader
{
    private const int TimesMax = 16;
    private static readonly string[] s_keys =
    [
        "name", "title", "why", "image", "processors", "devices", "eras", "before", "actors", "events", "faults", "after", "expect",
        "findings",
    ];
    private static readonly string[] s_processorKeys =
    [
        "image", "vdevs", "program", "driver", "auto_boot", "iommu", "detached", "can_detach", "attach_on_recovery", "can_kick",
        "sysfs_read_only", "tolerates_missing_table", "subdevices",
    ];
    private static readonly string[] s_programKeys = ["name", "messages", "crash_after", "crash_once", "seed", "misdeed", "vdev"];

    private readonly YamlView _view;
    private readonly ScenarioVocabulary _vocabulary;

    private ScenarioReader(string file, ScenarioVocabulary vocabulary)
    {
        _view = new YamlView(file);
        _vocabulary = vocabulary;
    }

    /// <summary>Reads a file's text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">What to call the file in errors.</param>
    /// <param name="vocabulary">The names that it may use.</param>
    /// <param name="errors">Every mistake, in the order of the file; empty when there is none.</param>
    /// <returns>The scenario; null when there is a mistake.</returns>
    public static Scenario? TryRead(string text, string file, ScenarioVocabulary vocabulary, out IReadOnlyList<ScenarioError> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(vocabulary);
        ScenarioReader reader = new(file, vocabulary);
        Scenario? scenario = reader.Read(text);
        errors = reader._view.Errors;
        return errors.Count == 0 ? scenario : null;
    }

    private Scenario? Read(string text)
    {
        YamlStream stream = [];
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception) // a key twice, a tab, an open bracket
        {
            _view.Add(exception.Start, exception.Message);
            return null;
        }

        if (stream.Documents.Count == 1) return ReadRoot(stream.Documents[0].RootNode);
        _view.Add(Mark.Empty, $"expected one document, found {stream.Documents.Count}");
        return null;
    }

    private Scenario ReadRoot(YamlNode root)
    {
        Dictionary<string, YamlNode> nodes = [];
        foreach ((string key, _, YamlNode value) in _view.Keys(root, "a scenario", s_keys)) nodes[key] = value;
        List<ScenarioProcessor> processors = ReadProcessors(root, nodes, out List<(YamlNode Node, string Image)> images);
        ActionReader actions = new(_view, _vocabulary, processors);
        ExpectReader expect = new(_view, processors);
        foreach ((YamlNode node, string image) in images) actions.CheckImage(node, image);
        IReadOnlyList<Era> eras = nodes.TryGetValue("eras", out YamlNode? eraNode) ? ReadEras(eraNode) : Era.All;
        Scenario scenario = new()
        {
            Name = Required(root, nodes, "name"),
            Title = Required(root, nodes, "title"),
            Why = Required(root, nodes, "why").TrimEnd('\n'),
            Place = _view.PlaceOf(root),
            Processors = processors,
            Eras = eras,
            Devices = nodes.TryGetValue("devices", out YamlNode? devices)
                ? [.. _view.Items(devices, "devices").Select(item => _view.Word(item, "device", [.. _vocabulary.Devices]))] : [],
            Before = nodes.TryGetValue("before", out YamlNode? before) ? actions.Read(before, "before") : [],
            Actors = nodes.TryGetValue("actors", out YamlNode? actors) ? ReadActors(actors, actions) : [],
            Events = nodes.TryGetValue("events", out YamlNode? events) ? ReadEvents(events, actions) : [],
            Faults = nodes.TryGetValue("faults", out YamlNode? faults) ? ReadFaults(faults) : [],
            After = nodes.TryGetValue("after", out YamlNode? after) ? actions.Read(after, "after") : [],
            Expectations = nodes.TryGetValue("expect", out YamlNode? expected) ? expect.ReadExpectations(expected) : [],
            Findings = nodes.TryGetValue("findings", out YamlNode? findings) ? expect.ReadFindings(findings, eras) : [],
        };
        actions.CheckHandles();
        bool isWkupM3 = processors[0].Program == "wkup_m3";
        if (isWkupM3 != scenario.Devices.Contains("wkup_m3_ipc"))
            _view.Add(root, "the device wkup_m3_ipc and the program wkup_m3, of the first processor, need each other");
        if (_view.IsGood && scenario.Actors.Count == 0 && scenario.Events.Count == 0)
            _view.Add(root, "expected actors or events: without them there is nothing to explore");
        return scenario;
    }

    private string Required(YamlNode root, Dictionary<string, YamlNode> nodes, string key)
    {
        if (nodes.TryGetValue(key, out YamlNode? node)) return _view.Text(node, key);
        _view.Add(root, $"expected the key '{key}'");
        return "";
    }

    private List<ScenarioProcessor> ReadProcessors(
        YamlNode root, Dictionary<string, YamlNode> nodes, out List<(YamlNode Node, string Image)> images)
    {
        images = [];
        List<ScenarioProcessor> processors = [];
        string common = "";
        if (nodes.TryGetValue("image", out YamlNode? imageNode))
        {
            common = _view.Text(imageNode, "an image");
            if (common.Length > 0) images.Add((imageNode, common));
        }

        if (!nodes.TryGetValue("processors", out YamlNode? node))
        {
            if (imageNode is null) _view.Add(root, "expected the key 'image', or 'processors' with an image each");
            processors.Add(new ScenarioProcessor { Name = "mcu", Image = common });
            return processors;
        }

        foreach ((string name, _, YamlNode value) in _view.Entries(node, "processors"))
            processors.Add(ReadProcessor(new ScenarioProcessor { Name = name, Image = common }, value, images));
        if (processors.Count > 0) return processors;
        _view.Add(node, "expected a processor");
        processors.Add(new ScenarioProcessor { Name = "mcu", Image = common });
        return processors;
    }

    private ScenarioProcessor ReadProcessor(ScenarioProcessor processor, YamlNode node, List<(YamlNode Node, string Image)> images)
    {
        bool isCommon = processor.Image.Length > 0;
        bool hasImage = false;
        foreach ((string key, _, YamlNode value) in _view.Keys(node, "a processor", s_processorKeys))
        {
            processor = key switch
            {
                "image" => processor with { Image = _view.Text(value, "an image") },
                "vdevs" => processor with { Vdevs = ReadVdevs(value) },
                "program" => ReadProgram(processor, value),
                "driver" => processor with { Driver = _view.Text(value, "a driver") },
                "auto_boot" => processor with { AutoBoot = _view.Flag(value, key) },
                "iommu" => processor with { HasIommu = _view.Flag(value, key) },
                "detached" => processor with { StartsDetached = _view.Flag(value, key) },
                "can_detach" => processor with { CanDetach = _view.Flag(value, key) },
                "attach_on_recovery" => processor with { AttachOnRecovery = _view.Flag(value, key) },
                "can_kick" => processor with { CanKick = _view.Flag(value, key) },
                "sysfs_read_only" => processor with { SysfsReadOnly = _view.Flag(value, key) },
                "tolerates_missing_table" => processor with { ToleratesMissingTable = _view.Flag(value, key) },
                _ => processor with { Subdevices = [.. _view.Items(value, key).Select(item => _view.Text(item, "a subdevice's name"))] },
            };
            if (key is not ("image" or "vdevs")) continue;
            if (hasImage) _view.Add(value, $"{processor.Name} has two images: 'image' and 'vdevs' exclude each other");
            hasImage = true;
            if (key == "image" && processor.Image.Length > 0) images.Add((value, processor.Image));
        }

        if (processor.Vdevs.Count > 0) processor = processor with { Image = "" };
        if (!hasImage && !isCommon)
            _view.Add(node, $"expected an image for {processor.Name}: 'image' or 'vdevs' here, or 'image' of the scenario");
        return processor;
    }

    private List<ScenarioVdev> ReadVdevs(YamlNode node)
    {
        List<ScenarioVdev> vdevs = [];
        foreach (YamlNode item in _view.Items(node, "vdevs"))
        {
            ScenarioVdev vdev = new(7, 1, []);
            foreach ((string key, _, YamlNode value) in _view.Keys(item, "a vdev", ["id", "features", "vrings"]))
            {
                vdev = key switch
                {
                    "id" => vdev with { Id = (uint)_view.Count(value, key, 0) },
                    "features" => vdev with { Features = (uint)_view.Count(value, key, 0) },
                    _ => vdev with { Vrings = [.. _view.Items(value, key).Select(ReadVring)] },
                };
            }

            vdevs.Add(vdev);
        }

        return vdevs;
    }

    private (uint Num, uint AlignBytes) ReadVring(YamlNode node)
    {
        string[] words = _view.Text(node, "a vring").Split(' ');
        if (words.Length == 3 && words[1] == "align" && YamlView.TryNumber(words[0], out long num) && num <= uint.MaxValue &&
            YamlView.TryNumber(words[2], out long align) && align <= uint.MaxValue)
        {
            return ((uint)num, (uint)align);
        }

        if (words[0].Length > 0) _view.Add(node, $"expected a vring as '16 align 4096', found '{string.Join(' ', words)}'");
        return default;
    }

    private ScenarioProcessor ReadProgram(ScenarioProcessor processor, YamlNode node)
    {
        if (node is not YamlMappingNode) return processor with { Program = _view.Word(node, "program", [.. _vocabulary.Programs]) };
        RemoteProgramOptions options = processor.ProgramOptions;
        string program = "";
        foreach ((string key, _, YamlNode value) in _view.Keys(node, "a program", s_programKeys))
        {
            if (key == "name") program = _view.Word(value, "program", [.. _vocabulary.Programs]);
            options = key switch
            {
                "messages" => options with { Messages = _view.Count(value, key, 1) },
                "crash_after" => options with { CrashAfter = _view.Count(value, key, 0) },
                "crash_once" => options with { CrashOnce = _view.Flag(value, key) },
                "seed" => options with { Seed = (ulong)_view.Count(value, key, 0) },
                "misdeed" => options with { Misdeed = ReadMisdeed(value) },
                "vdev" => options with { HostileVdev = _view.Count(value, key, 0) },
                _ => options,
            };
        }

        if (program.Length == 0 && _view.IsGood) _view.Add(node, "expected the key 'name' of a program");
        return processor with { Program = program, ProgramOptions = options };
    }

    private Misdeed ReadMisdeed(YamlNode node) =>
        Enum.TryParse(_view.Word(node, "misdeed", Enum.GetNames<Misdeed>()), out Misdeed misdeed) ? misdeed : default;

    private List<Era> ReadEras(YamlNode node)
    {
        HashSet<string> names = [];
        foreach (YamlNode item in _view.Items(node, "eras"))
        {
            string name = _view.Text(item, "an era");
            if (name.Length == 0) continue;
            if (!YamlView.IsEra(name)) _view.AddUnknown(item, "era", name, [.. Era.All.Select(era => era.Name)]);
            else if (!names.Add(name)) _view.Add(item, $"era {name} is named twice");
        }

        return [.. Era.All.Where(era => names.Contains(era.Name))];
    }

    private List<ScenarioActor> ReadActors(YamlNode node, ActionReader actions)
    {
        List<ScenarioActor> actors = [];
        foreach ((string name, _, YamlNode value) in _view.Entries(node, "actors"))
            actors.Add(new ScenarioActor(name, actions.Read(value, $"the actions of {name}")));
        return actors;
    }

    private List<ScenarioEvent> ReadEvents(YamlNode node, ActionReader actions)
    {
        List<ScenarioEvent> events = [];
        foreach ((string name, _, YamlNode value) in _view.Entries(node, "events"))
        {
            if (value is not YamlMappingNode)
            {
                events.Add(new ScenarioEvent(name, actions.Read(value, $"the actions of {name}"), 1));
                continue;
            }

            IReadOnlyList<ScenarioAction>? does = null;
            int timesMax = 1;
            foreach ((string key, _, YamlNode item) in _view.Keys(value, "an event", ["do", "at_most"]))
            {
                if (key == "do") does = actions.Read(item, $"the actions of {name}");
                else timesMax = _view.Count(item, key, 1, TimesMax);
            }

            if (does is null) _view.Add(value, "expected the key 'do' of an event, a list of actions");
            else events.Add(new ScenarioEvent(name, does, timesMax));
        }

        return events;
    }

    private List<ScenarioFault> ReadFaults(YamlNode node)
    {
        string[] known = [.. _vocabulary.FaultSites, ScenarioFault.LoseKick, ScenarioFault.DelayKick];
        List<ScenarioFault> faults = [];
        foreach ((string site, _, YamlNode value) in _view.Keys(node, "faults", known))
        {
            int timesMax = 1;
            Errno errno = Errno.ENOMEM;
            if (value is not YamlMappingNode)
            {
                faults.Add(new ScenarioFault(site, _view.Count(value, $"how often {site} may fail", 1, TimesMax), errno));
                continue;
            }

            string[] errnos = [.. Enum.GetValues<Errno>().Where(other => other != Errno.Ok).Select(ScenarioAction.NameOf)];
            foreach ((string key, _, YamlNode item) in _view.Keys(value, "a fault", ["at_most", "errno"]))
            {
                if (key == "at_most") timesMax = _view.Count(item, key, 1, TimesMax);
                else if (Enum.TryParse(_view.Word(item, "errno", errnos), out Errno other)) errno = other;
            }

            faults.Add(new ScenarioFault(site, timesMax, errno));
        }

        return faults;
    }
}
