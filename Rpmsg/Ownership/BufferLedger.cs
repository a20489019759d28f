using System;
using System.Collections.Generic;
using System.Globalization;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Ownership;

/// <summary>Writes down who has which message buffer of the host half, and names who breaks the rules.</summary>
/// <remarks>
/// A buffer has one owner at any time: the driver's pool, the ring, or who took it: a <see cref="RpmsgTxBuffer"/> that is neither sent nor
/// disposed of, a <see cref="RpmsgHold"/> that is not disposed of. Double use throws without a ledger, too; with one it says who had the
/// buffer and when it went, and it finds what nothing else can: buffers that nobody gives back.
/// Set on <see cref="VirtioBackend.VirtioRpmsgBusModule.Ledger"/>; a send or receive that takes and gives back by itself is not entered.
/// For the host processor's tasks.
/// </remarks>
/// <param name="scheduler">Whose time is written down.</param>
public sealed class BufferLedger(Scheduler scheduler)
{
    /// <summary>Findings kept; those beyond are counted.</summary>
    public const int FindingCountMax = 100;

    private readonly Dictionary<(string Queue, int Buffer), Entry> _entries = [];
    private readonly List<BufferFinding> _findings = [];

    /// <summary>What was found, in order; the first <see cref="FindingCountMax"/>.</summary>
    public IReadOnlyList<BufferFinding> Findings => _findings;

    /// <summary>How much was found.</summary>
    public long FindingCount { get; private set; }

    /// <summary>Times that a buffer was taken.</summary>
    public long TakenCount { get; private set; }

    /// <summary>Buffers that somebody has now.</summary>
    public int OutstandingCount { get; private set; }

    /// <summary>Called with each finding, before the exception that it may lead to.</summary>
    public event Action<BufferFinding>? Found;

    /// <summary>Somebody has a buffer, or has it once more.</summary>
    internal void Taken(string queue, int buffer, RpmsgEndpoint endpoint)
    {
        TakenCount++;
        Entry entry = _entries.GetValueOrDefault((queue, buffer));
        int holders = entry.Endpoint is null ? 1 : entry.Holders + 1;
        if (holders == 1) OutstandingCount++;
        _entries[(queue, buffer)] = new Entry(endpoint, holders, scheduler.NowNs, endpoint);
    }

    /// <summary>It was sent or given back, by one holder.</summary>
    internal void GivenBack(string queue, int buffer)
    {
        Entry entry = _entries.GetValueOrDefault((queue, buffer));
        if (entry.Endpoint is null) return; // taken before the ledger was there
        if (entry.Holders > 1)
        {
            _entries[(queue, buffer)] = entry with { Holders = entry.Holders - 1 };
            return;
        }

        OutstandingCount--;
        _entries[(queue, buffer)] = new Entry(null, 0, scheduler.NowNs, entry.Endpoint);
    }

    /// <summary>It is used by somebody who has it no more.</summary>
    internal void Misused(BufferRule rule, string queue, int buffer, RpmsgEndpoint endpoint)
    {
        Entry entry = _entries.GetValueOrDefault((queue, buffer));
        string what = rule == BufferRule.DoubleRelease ? "sent or given back again" : "looked at";
        string since = entry.Last is not { } last ? "it was never taken"
            : entry.Endpoint is { } now ? $"{Name(now)} has had it since {Time(entry.SinceNs)}"
            : $"{Name(last)} had it until {Time(entry.SinceNs)}";
        Add(rule, queue, buffer, $"{queue} buffer {buffer} is {what} by {Name(endpoint)}: {since}");
    }

    /// <summary>An endpoint goes: what it has is forgotten.</summary>
    internal void EndpointGone(RpmsgEndpoint endpoint)
    {
        if (OutstandingCount == 0) return;
        List<(string Queue, int Buffer)> forgotten = [];
        foreach (((string Queue, int Buffer) key, Entry entry) in _entries)
        {
            if (entry.Endpoint == endpoint) forgotten.Add(key);
        }

        forgotten.Sort(); // no order from a hash table
        foreach ((string queue, int buffer) in forgotten)
        {
            Entry entry = _entries[(queue, buffer)];
            OutstandingCount--;
            _entries[(queue, buffer)] = new Entry(null, 0, scheduler.NowNs, endpoint);
            string since = $"which had it since {Time(entry.SinceNs)} and goes without giving it back";
            Add(BufferRule.Forgotten, queue, buffer, $"{queue} buffer {buffer} is forgotten by {Name(endpoint)}, {since}");
        }
    }

    private static string Name(RpmsgEndpoint endpoint) => $"{endpoint.Device.Name} endpoint {endpoint.Address}";

    private static string Time(long timeNs) => string.Create(CultureInfo.InvariantCulture, $"{timeNs / 1e9:F6} s");

    private void Add(BufferRule rule, string queue, int buffer, string text)
    {
        BufferFinding finding = new(rule, queue, buffer, scheduler.NowNs, text);
        FindingCount++;
        if (_findings.Count < FindingCountMax) _findings.Add(finding);
        Found?.Invoke(finding);
    }

    /// <param name="Endpoint">Who has it; null when nobody has.</param>
    /// <param name="Holders">How many times.</param>
    /// <param name="SinceNs">Since when that is so, ns.</param>
    /// <param name="Last">Who had it last, or has it.</param>
    private readonly record struct Entry(RpmsgEndpoint? Endpoint, int Holders, long SinceNs, RpmsgEndpoint? Last);
}
