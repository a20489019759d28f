using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using RemoteprocEmu.Platform;
using YamlDotNet.RepresentationModel;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Reads actions: a line of words each, and perhaps the errno that is expected.</summary>
/// <remarks>
/// <code>
/// - modprobe virtio_rpmsg_bus
/// - rmmod emu_rproc: EAGAIN
/// - echo start > state: {A: EBUSY, else: ok}
/// </code>
/// </remarks>
internal sealed class ActionReader(YamlView view, ScenarioVocabulary vocabulary, IReadOnlyList<ScenarioProcessor> processors)
{
    private static readonly string[] s_verbs =
    [
        "boot", "channel", "close", "crash", "echo", "firmware", "get", "insmod", "ioctl", "modprobe", "ping", "put", "remote", "rmmod",
        "settle", "shutdown", "traffic", "wait",
    ];
    private static readonly string[] s_files =
        ["state", "firmware", "recovery", "coredump", "cdev", "debugfs/crash", "debugfs/recovery", "debugfs/coredump"];
    private static readonly string[] s_listening = ["echo", "early-reader"];
    private static readonly string[] s_crashTypes = ["mmufault", "watchdog", "fatal"];
    private static readonly (string Unit, long Ns)[] s_units = [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

    private readonly SortedSet<string> _handles = new(StringComparer.Ordinal);
    private readonly List<(YamlNode Node, string Handle, int Offset)> _handleUses = [];

    /// <summary>Reads a list of actions.</summary>
    public IReadOnlyList<ScenarioAction> Read(YamlNode node, string what)
    {
        List<ScenarioAction> actions = [];
        foreach (YamlNode item in view.Items(node, what))
        {
            if (ReadOne(item) is { } action) actions.Add(action);
        }

        return actions;
    }

    /// <summary>When every action was read: a handle that nobody gets is a mistake.</summary>
    public void CheckHandles()
    {
        foreach ((YamlNode node, string handle, int offset) in _handleUses)
        {
            if (!_handles.Contains(handle)) view.AddUnknown(node, "handle, for nobody says get,", handle, _handles, offset);
        }
    }

    private ScenarioAction? ReadOne(YamlNode item)
    {
        YamlNode words = item;
        EraValues? expected = null;
        if (item is YamlMappingNode mapping)
        {
            if (mapping.Children.Count != 1)
            {
                view.Add(item, "expected one action with the errno that it returns, as 'rmmod emu_rproc: EAGAIN'");
                return null;
            }

            (words, YamlNode errnos) = mapping.Children[0];
            expected = view.Values(errnos, "an errno", ErrnoName);
        }

        string text = view.Text(words, "an action");
        if (text.Length == 0) return null;
        Line line = new(view, words, text);
        if (line.IsBroken) return null;
        ScenarioAction? action = Parse(line);
        return action is null ? null : action with { Expected = expected };
    }

    private ScenarioAction? Parse(Line line)
    {
        int processor = line.TakeProcessor(processors);
        string verb = line.Word("a verb", s_verbs);
        ScenarioAction? action = verb switch
        {
            "" => null,
            "insmod" => Module(line, ScenarioVerb.Insmod),
            "modprobe" => Module(line, ScenarioVerb.Modprobe),
            "rmmod" => Module(line, ScenarioVerb.Rmmod),
            "echo" => Echo(line),
            "ioctl" => line.Fixed("cdev") && line.Fixed("shutdown_on_release") ? line.Make(ScenarioVerb.SetShutdownOnRelease) : null,
            "close" => line.Fixed("cdev") ? line.Make(ScenarioVerb.CloseCdev) : null,
            "get" => Handle(line, ScenarioVerb.Get),
            "boot" => Handle(line, ScenarioVerb.Boot),
            "shutdown" => Handle(line, ScenarioVerb.Shutdown),
            "put" => Handle(line, ScenarioVerb.Put),
            "crash" => line.Make(ScenarioVerb.Crash) with { Argument = line.HasMore ? line.Word("a crash type", s_crashTypes) : "fatal" },
            "firmware" => Firmware(line),
            "remote" => Remote(line, processor),
            "channel" => Service(line, create: ScenarioVerb.CreateChannel, destroy: null),
            "traffic" => line.Make(ScenarioVerb.Traffic) with { Number = line.Number("messages", 1), Vdev = line.TakeVdev() },
            "ping" => line.Make(ScenarioVerb.Ping),
            "wait" => line.Make(ScenarioVerb.Wait) with { Number = Time(line) },
            _ => line.Make(ScenarioVerb.Settle),
        };
        line.ExpectEnd();
        return line.IsBroken || action is null ? null : action with { Processor = processor };
    }

    private ScenarioAction Module(Line line, ScenarioVerb verb)
    {
        SortedSet<string> known = new(vocabulary.Modules, StringComparer.Ordinal);
        known.UnionWith(vocabulary.Devices);
        foreach (ScenarioProcessor processor in processors) _ = known.Add(processor.Driver); // several may share one
        return line.Make(verb) with { Object = line.Word("a module", known) };
    }

    private static ScenarioAction Echo(Line line)
    {
        string text = line.Any("what to write");
        _ = line.Fixed(">"); // a mistake is noted
        return line.Make(ScenarioVerb.Write) with { Argument = text, Object = line.Word("a file", s_files) };
    }

    private ScenarioAction Handle(Line line, ScenarioVerb verb)
    {
        int offset = line.Offset;
        string handle = line.Any("a handle");
        if (verb == ScenarioVerb.Get) _ = _handles.Add(handle); // again after a put
        else if (handle.Length > 0) _handleUses.Add((line.Node, handle, offset));
        return line.Make(verb) with { Object = handle };
    }

    private ScenarioAction? Firmware(Line line)
    {
        switch (line.Word("what to do with the firmware's file", ["remove", "provide"]))
        {
            case "remove":
                return line.Make(ScenarioVerb.RemoveFirmware);
            case "provide":
                int offset = line.Offset;
                string image = line.HasMore ? line.Any("an image") : "";
                if (image.Length > 0) CheckImage(line.Node, image, offset);
                return line.Make(ScenarioVerb.ProvideFirmware) with { Object = image };
            default:
                return null;
        }
    }

    private ScenarioAction? Remote(Line line, int processor)
    {
        string program = processors[processor].Program;
        if (Array.IndexOf(s_listening, program) < 0)
            line.Fail($"{processors[processor].Name} runs {program}, which takes no requests; {string.Join(" and ", s_listening)} do");
        return Service(line, create: ScenarioVerb.RemoteCreate, destroy: ScenarioVerb.RemoteDestroy);
    }

    private static ScenarioAction? Service(Line line, ScenarioVerb create, ScenarioVerb? destroy)
    {
        string verb = line.Word("what to do", destroy is null ? ["create"] : ["create", "destroy"]);
        string name = line.Any("a service's name");
        if (name.Length > 31) line.Fail("a service's name has at most 31 characters");
        long address = line.Number("an address", 0, uint.MaxValue);
        if (verb.Length == 0) return null;
        return line.Make(verb == "create" ? create : destroy!.Value) with { Object = name, Number = address, Vdev = line.TakeVdev() };
    }

    /// <summary>Notes a mistake unless the image is one that comes with the emulator, or a file.</summary>
    public void CheckImage(YamlNode node, string image, int offset = 0)
    {
        if (vocabulary.Images.Contains(image)) return;
        bool isPath = image.Contains('/', StringComparison.Ordinal) || image.EndsWith(".elf", StringComparison.Ordinal);
        if (!isPath) view.AddUnknown(node, "image", image, (string[])[.. vocabulary.Images], offset);
        else if (vocabulary.HasImageFile?.Invoke(image) != true) view.Add(node, $"there is no image file '{image}'", offset);
    }

    private static long Time(Line line)
    {
        string text = line.Any("a time");
        foreach ((string unit, long ns) in s_units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) && YamlView.TryNumber(text[..^unit.Length], out long number) &&
                number <= long.MaxValue / ns)
            {
                return number * ns;
            }
        }

        if (text.Length > 0) line.Fail($"expected a time as 10ms, in ns, us, ms or s, found '{text}'");
        return 0;
    }

    private string? ErrnoName(YamlNode node)
    {
        string name = view.Text(node, "an errno");
        if (name.Length == 0) return null;
        List<string> known = [.. Enum.GetValues<Errno>().Select(ScenarioAction.NameOf)];
        if (known.Contains(name)) return name;
        view.AddUnknown(node, "errno", name, known);
        return null;
    }

    /// <summary>The words of one action.</summary>
    private sealed class Line
    {
        private readonly YamlView _view;
        private readonly List<(string Word, int Offset)> _words = [];
        private readonly string _text;
        private int _next;

        public Line(YamlView view, YamlNode node, string text)
        {
            _view = view;
            Node = node;
            _text = text;
            Split();
        }

        public YamlNode Node { get; }

        public bool IsBroken { get; private set; }

        public bool HasMore => _next < _words.Count;

        public int Offset => HasMore ? _words[_next].Offset : _text.Length;

        public ScenarioAction Make(ScenarioVerb verb) => new(verb, _text, _view.PlaceOf(Node));

        public void Fail(string message, int? offset = null)
        {
            if (!IsBroken) _view.Add(Node, message, offset ?? (_next > 0 ? _words[_next - 1].Offset : 0));
            IsBroken = true;
        }

        public string Any(string what)
        {
            if (HasMore) return _words[_next++].Word;
            Fail($"expected {what}, found the end of '{_text}'", _text.Length);
            return "";
        }

        public string Word(string what, IReadOnlyCollection<string> known)
        {
            string word = Any(what);
            if (IsBroken || known.Contains(word)) return word;
            _view.AddUnknown(Node, what, word, known, _words[_next - 1].Offset);
            IsBroken = true;
            return "";
        }

        public bool Fixed(string word)
        {
            string found = Any($"'{word}'");
            if (!IsBroken && found != word) Fail($"expected '{word}', found '{found}'");
            return !IsBroken;
        }

        public long Number(string what, long min, long max = int.MaxValue)
        {
            string text = Any(what);
            if (IsBroken) return min;
            if (YamlView.TryNumber(text, out long number) && number >= min && number <= max) return number;
            Fail($"expected {what}, a number from {min} on, found '{text}'");
            return min;
        }

        /// <summary>vdevN, or 0 where nothing is said.</summary>
        public int TakeVdev()
        {
            if (!HasMore) return 0;
            string word = Any("a vdev");
            bool isVdev = word.StartsWith("vdev", StringComparison.Ordinal);
            if (isVdev && YamlView.TryNumber(word[4..], out long index) && index < 64) return (int)index;
            Fail($"expected a vdev as vdev0, found '{word}'");
            return 0;
        }

        /// <summary>The last two words, 'on NAME', where they are there.</summary>
        public int TakeProcessor(IReadOnlyList<ScenarioProcessor> processors)
        {
            if (_words.Count < 3 || _words[^2].Word != "on") return 0;
            (string name, int offset) = _words[^1];
            _words.RemoveRange(_words.Count - 2, 2);
            for (int i = 0; i < processors.Count; i++)
            {
                if (processors[i].Name == name) return i;
            }

            _view.AddUnknown(Node, "processor", name, (string[])[.. processors.Select(processor => processor.Name)], offset);
            IsBroken = true;
            return 0;
        }

        public void ExpectEnd()
        {
            if (!IsBroken && HasMore) Fail($"expected nothing more, found '{_words[_next].Word}'", _words[_next].Offset);
        }

        private void Split()
        {
            for (int at = 0; at < _text.Length;)
            {
                if (_text[at] == ' ')
                {
                    at++;
                    continue;
                }

                int begin = at;
                if (_text[at] == '"') _words.Add((Quoted(ref at), begin));
                else
                {
                    while (at < _text.Length && _text[at] != ' ') at++;
                    _words.Add((_text[begin..at], begin));
                }
            }
        }

        private string Quoted(ref int at)
        {
            StringBuilder word = new();
            int begin = at++;
            for (; at < _text.Length && _text[at] != '"'; at++)
            {
                if (_text[at] != '\\')
                {
                    _ = word.Append(_text[at]);
                    continue;
                }

                char escaped = ++at < _text.Length ? _text[at] : ' ';
                if (escaped is not ('n' or '"' or '\\')) Fail($"expected \\n, \\\" or \\\\, found '\\{escaped}'", at - 1);
                _ = word.Append(escaped == 'n' ? '\n' : escaped);
            }

            if (at >= _text.Length) Fail("expected a closing \"", begin);
            at++;
            return word.ToString();
        }
    }
}
