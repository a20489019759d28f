using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Remoteproc.Eras;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>A YAML document under a schema: each question says what it expects, and each answer that does not fit is an error.</summary>
internal sealed class YamlView(string file)
{
    /// <summary>The key for the eras that no other key names.</summary>
    public const string Otherwise = "else";

    private readonly List<ScenarioError> _errors = [];

    /// <summary>The mistakes so far, in the order of the file.</summary>
    public IReadOnlyList<ScenarioError> Errors => [.. _errors.OrderBy(error => error.Place).Distinct()];

    /// <summary>Whether there are none.</summary>
    public bool IsGood => _errors.Count == 0;

    /// <summary>Where a node begins, or a character of it.</summary>
    public ScenarioPlace PlaceOf(YamlNode node, int offset = 0)
    {
        bool isQuoted = node is YamlScalarNode { Style: ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted };
        return new ScenarioPlace(file, (int)node.Start.Line, (int)node.Start.Column + (offset > 0 && isQuoted ? offset + 1 : offset));
    }

    /// <summary>Notes a mistake.</summary>
    public void Add(YamlNode node, string message, int offset = 0) => _errors.Add(new ScenarioError(PlaceOf(node, offset), message));

    /// <summary>Notes a mistake of the file itself.</summary>
    public void Add(Mark mark, string message) =>
        _errors.Add(new ScenarioError(new ScenarioPlace(file, (int)mark.Line, (int)mark.Column), message));

    /// <summary>Notes a name that is not known.</summary>
    public void AddUnknown(YamlNode node, string what, string word, IReadOnlyCollection<string> known, int offset = 0)
    {
        string? nearest = NearestName.Find(word, known);
        string hint = nearest is not null ? $"did you mean '{nearest}'?"
            : known.Count == 0 ? "there is none"
            : "expected one of " + string.Join(", ", known);
        string bare = what.StartsWith("a ", StringComparison.Ordinal) ? what[2..] : what;
        Add(node, $"unknown {bare} '{word}': {hint}", offset);
    }

    /// <summary>The entries of a mapping whose keys are fixed; others are mistakes.</summary>
    public IEnumerable<(string Key, YamlScalarNode KeyNode, YamlNode Value)> Keys(
        YamlNode node, string what, IReadOnlyCollection<string> known)
    {
        foreach ((string key, YamlScalarNode keyNode, YamlNode value) in Entries(node, what))
        {
            if (known.Contains(key)) yield return (key, keyNode, value);
            else AddUnknown(keyNode, $"key of {what}", key, known);
        }
    }

    /// <summary>The entries of a mapping whose keys are names that the file chooses.</summary>
    public IEnumerable<(string Key, YamlScalarNode KeyNode, YamlNode Value)> Entries(YamlNode node, string what)
    {
        if (node is not YamlMappingNode mapping)
        {
            Add(node, $"expected {what} as a mapping, found {KindOf(node)}");
            yield break;
        }

        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value.Length: > 0 } scalar) yield return (scalar.Value, scalar, value);
            else Add(key, $"expected a name as key of {what}, found {KindOf(key)}");
        }
    }

    /// <summary>The items of a list.</summary>
    public IEnumerable<YamlNode> Items(YamlNode node, string what)
    {
        if (node is YamlSequenceNode sequence) return sequence.Children;
        Add(node, $"expected {what} as a list, found {KindOf(node)}");
        return [];
    }

    /// <summary>A text; empty after a mistake.</summary>
    public string Text(YamlNode node, string what)
    {
        if (node is YamlScalarNode { Value.Length: > 0 } scalar) return scalar.Value;
        Add(node, $"expected {what}, found {KindOf(node)}");
        return "";
    }

    /// <summary>One of several words; empty after a mistake.</summary>
    public string Word(YamlNode node, string what, IReadOnlyCollection<string> known)
    {
        string word = Text(node, what);
        if (word.Length == 0 || known.Contains(word)) return word;
        AddUnknown(node, what, word, known);
        return "";
    }

    /// <summary>true or false.</summary>
    public bool Flag(YamlNode node, string what) => Word(node, what + ", true or false", ["true", "false"]) == "true";

    /// <summary>A count from <paramref name="min"/> on.</summary>
    public int Count(YamlNode node, string what, int min, int max = int.MaxValue)
    {
        string text = Text(node, what);
        if (text.Length == 0) return min;
        if (TryNumber(text, out long number) && number >= min && number <= max) return (int)number;
        string bound = max == int.MaxValue ? $"from {min} on" : $"from {min} to {max}";
        Add(node, $"expected {what}, a number {bound}, found '{text}'");
        return min;
    }

    /// <summary>Values for each era or for all. A list is any of its values.</summary>
    /// <param name="node">What stands there.</param>
    /// <param name="what">What is expected.</param>
    /// <param name="normalise">A value as it is compared; null when it is none, and then the mistake has been noted.</param>
    public EraValues Values(YamlNode node, string what, Func<YamlNode, string?> normalise)
    {
        if (node is not YamlMappingNode) return new EraValues(new Dictionary<string, string[]>(), OneOf(node, what, normalise));
        SortedDictionary<string, string[]> byEra = new(StringComparer.Ordinal);
        string[]? otherwise = null;
        foreach ((string key, YamlScalarNode keyNode, YamlNode value) in Entries(node, what))
        {
            string[] values = OneOf(value, what, normalise);
            foreach (string name in ErasOf(keyNode, key))
            {
                if (name == Otherwise ? otherwise is not null : byEra.ContainsKey(name)) Add(keyNode, $"{name} is named twice");
                else if (name == Otherwise) otherwise = values;
                else byEra.Add(name, values);
            }
        }

        return new EraValues(byEra, otherwise);
    }

    /// <summary>The eras that a key names, with spaces between them, or <c>else</c>; mistakes are noted and left out.</summary>
    public IReadOnlyList<string> ErasOf(YamlNode node, string key)
    {
        List<string> eras = [];
        foreach (string name in key.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name == Otherwise || IsEra(name)) eras.Add(name);
            else AddUnknown(node, "era", name, [.. Era.All.Select(era => era.Name), Otherwise]);
        }

        return eras;
    }

    /// <summary>Whether there is an era of this name, exactly.</summary>
    public static bool IsEra(string name) => Era.All.Any(era => era.Name == name);

    /// <summary>A value of an observable, in the one way in which it is compared.</summary>
    public string? Observed(YamlNode node, Observable observable)
    {
        string what = $"a value of {ObservableWords.Of(observable)}";
        string text = Text(node, what);
        if (text.Length == 0) return null;
        if (ObservableWords.IsText(observable)) return text;
        ReadOnlySpan<string> words = ObservableWords.WordsOf(observable);
        if (words.Contains(text)) return text;
        if (ObservableWords.IsNumber(observable))
        {
            if (TryNumber(text, out long number)) return number.ToString(CultureInfo.InvariantCulture);
            string or = words.Length == 0 ? "" : $" or {string.Join(", ", words.ToArray())}";
            Add(node, $"expected {what}, a number{or}, found '{text}'");
            return null;
        }

        AddUnknown(node, what, text, words.ToArray());
        return null;
    }

    /// <summary>Reads a number, decimal or hexadecimal.</summary>
    public static bool TryNumber(string text, out long number) => text.StartsWith("0x", StringComparison.Ordinal)
        ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private string[] OneOf(YamlNode node, string what, Func<YamlNode, string?> normalise)
    {
        List<string> values = [];
        IEnumerable<YamlNode> nodes = node is YamlSequenceNode ? Items(node, what) : [node];
        foreach (YamlNode item in nodes)
        {
            if (normalise(item) is { } value) values.Add(value);
        }

        return [.. values];
    }

    private static string KindOf(YamlNode node) => node switch
    {
        YamlMappingNode => "a mapping",
        YamlSequenceNode => "a list",
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode scalar => $"'{scalar.Value}'",
        _ => "something else",
    };
}
