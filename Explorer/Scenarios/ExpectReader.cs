using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Remoteproc.Eras;
using YamlDotNet.RepresentationModel;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Reads what is expected: <c>expect</c> and <c>findings</c>.</summary>
internal sealed class ExpectReader(YamlView view, IReadOnlyList<ScenarioProcessor> processors)
{
    private const string EachVdev = "each_vdev";
    private const int VdevCountMax = 8;
    private static readonly string[] s_vrings = ["vring0", "vring1"];
    private static readonly string[] s_vdevs = [.. Enumerable.Range(0, VdevCountMax).Select(index => $"vdev{index}"), EachVdev];
    private readonly List<Expectation> _expectations = [];

    /// <summary>Reads <c>expect</c>.</summary>
    public IReadOnlyList<Expectation> ReadExpectations(YamlNode node)
    {
        ReadProcessor(node, 0, isTop: true);
        return _expectations;
    }

    /// <summary>Reads <c>findings</c>: a list for all eras, or one for each.</summary>
    public IReadOnlyList<ExpectedFinding> ReadFindings(YamlNode node, IReadOnlyList<Era> eras)
    {
        List<ExpectedFinding> findings = [];
        if (node is not YamlMappingNode)
        {
            ReadFindingList(node, [], findings);
            return findings;
        }

        List<string> named = [];
        List<(IReadOnlyList<string> Names, YamlNode Value)> entries = [];
        foreach ((string key, YamlScalarNode keyNode, YamlNode value) in view.Entries(node, "findings"))
        {
            IReadOnlyList<string> names = view.ErasOf(keyNode, key);
            foreach (string name in names)
            {
                if (named.Contains(name)) view.Add(keyNode, $"{name} is named twice");
            }

            named.AddRange(names);
            entries.Add((names, value));
        }

        foreach ((IReadOnlyList<string> names, YamlNode value) in entries)
        {
            List<string> meant = [.. names.Where(name => name != YamlView.Otherwise)];
            if (meant.Count < names.Count) meant.AddRange(eras.Select(era => era.Name).Except(named));
            if (meant.Count > 0) ReadFindingList(value, [.. meant], findings);
        }

        return findings;
    }

    private void ReadProcessor(YamlNode node, int processor, bool isTop)
    {
        List<string> known = [.. ObservableWords.OfProcessor.Keys, .. s_vdevs, "first_instruction"];
        if (isTop) known.AddRange(["memory", "log", "no_log", .. processors.Select(other => other.Name)]);
        foreach ((string key, YamlScalarNode keyNode, YamlNode value) in view.Keys(node, "expect", known))
        {
            int index = processors.TakeWhile(other => other.Name != key).Count();
            if (ObservableWords.OfProcessor.TryGetValue(key, out Observable observable)) Add(observable, keyNode, value, processor);
            else if (key == "first_instruction") ReadVdevs(value, processor);
            else if (key == "memory") ReadMemory(value);
            else if (key is "log" or "no_log") ReadLog(value, key == "log" ? Observable.Log : Observable.NoLog);
            else if (Array.IndexOf(s_vdevs, key) >= 0) ReadVdev(value, processor, VdevOf(key), ObservableWords.OfVdev);
            else ReadProcessor(value, index, isTop: false);
        }
    }

    private void ReadVdevs(YamlNode node, int processor)
    {
        foreach ((string key, _, YamlNode value) in view.Keys(node, "first_instruction", s_vdevs))
            ReadVdev(value, processor, VdevOf(key), ObservableWords.OfFirstVdev);
    }

    private void ReadVdev(YamlNode node, int processor, int vdev, IReadOnlyDictionary<string, Observable> observables)
    {
        string[] known = [.. observables.Keys, .. s_vrings];
        foreach ((string key, YamlScalarNode keyNode, YamlNode value) in view.Keys(node, "a vdev", known))
        {
            int vring = Array.IndexOf(s_vrings, key);
            if (vring < 0)
            {
                Add(observables[key], keyNode, value, processor, vdev);
                continue;
            }

            foreach ((string word, YamlScalarNode wordNode, YamlNode wordValue) in view.Keys(value, "a vring", ["da", "notifyid"]))
                Add(observables[word], wordNode, wordValue, processor, vdev, vring);
        }
    }

    private void ReadMemory(YamlNode node)
    {
        foreach ((string key, YamlScalarNode keyNode, YamlNode value) in view.Entries(node, "memory"))
            Add(Observable.Memory, keyNode, value, 0, name: key);
    }

    private void ReadLog(YamlNode node, Observable observable)
    {
        foreach (YamlNode item in view.Items(node, "log"))
            Add(observable, item, item, 0);
    }

    private void Add(Observable observable, YamlNode at, YamlNode value, int processor, int vdev = -1, int vring = -1, string name = "")
    {
        EraValues values = view.Values(value, $"a value of {ObservableWords.Of(observable)}", node => view.Observed(node, observable));
        _expectations.Add(new Expectation(observable, values, view.PlaceOf(at))
        {
            Processor = processor,
            Vdev = vdev,
            Vring = vring,
            Name = name,
        });
    }

    private void ReadFindingList(YamlNode node, string[] eras, List<ExpectedFinding> findings)
    {
        if (node is YamlScalarNode { Value: "none" }) return;
        string[] rules = Enum.GetNames<OracleRule>();
        foreach (YamlNode item in view.Items(node, "findings, or none,"))
        {
            foreach ((string key, YamlScalarNode keyNode, YamlNode value) in view.Keys(item, "a finding", rules))
            {
                string pattern = view.Text(value, "a finding's key");
                if (pattern.Length == 0) continue;
                findings.Add(new ExpectedFinding(Enum.Parse<OracleRule>(key), pattern, eras, view.PlaceOf(keyNode)));
            }
        }
    }

    private static int VdevOf(string key) => key == EachVdev ? -1 : key[^1] - '0';
}
