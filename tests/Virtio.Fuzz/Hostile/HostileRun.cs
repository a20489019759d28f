using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>Attacks queues of every kind, an episode each. Same seed, same episodes; each can be had again alone.</summary>
/// <remarks>
/// An episode fails when anything throws, when a half touches memory that is not its own, makes more accesses in one call than a queue of
/// its size can need, allocates a byte, or gets its own books wrong.
/// </remarks>
public sealed class HostileRun : IDisposable
{
    private const int QueueSizeMax = 256;
    private const ulong EpisodeFactor = 0xD6E8_FEB8_6659_FD93;
    private readonly ulong _seed;
    private readonly AttackedQueue[] _queues;
    private long _episode;

    /// <summary>Prepares a run.</summary>
    /// <param name="seed">Decides all episodes.</param>
    public HostileRun(ulong seed)
    {
        _seed = seed;
        _queues = [.. QueueCase.All.Where(queue => queue.QueueSize <= QueueSizeMax).Select(queue => new AttackedQueue(queue))];
        Counts ignored = new();
        for (long episode = -20 * _queues.Length; episode < 0; episode++)
            _ = RunEpisode(episode, ignored); // the runtime allocates at first use; what fails here fails again
    }

    /// <summary>How often each status came out.</summary>
    public Counts Counts { get; } = new();

    /// <summary>Goes on until an episode fails, or so many words were written.</summary>
    /// <param name="from">Number of the first episode.</param>
    /// <param name="words">How many words.</param>
    /// <param name="episodesMax">How many episodes at most.</param>
    public HostileResult Run(long from, long words, long episodesMax = long.MaxValue)
    {
        long start = Stopwatch.GetTimestamp();
        long stuckAt = -1, before = Words(), written = 0;
        using Timer watchdog = new(_ => stuckAt = Watch(stuckAt), null, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
        string? failure = null;
        long last = episodesMax == long.MaxValue ? long.MaxValue : from + episodesMax;
        for (_episode = from; failure is null && written < words && _episode < last; _episode++)
        {
            failure = RunEpisode(_episode, Counts);
            if (_episode % 64 == 0) written = Words() - before;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new HostileResult(Words() - before, _episode - from, failure, seconds);
    }

    /// <summary>Runs one episode.</summary>
    /// <returns>What went wrong; null when nothing did.</returns>
    public string? RunEpisode(long episode, Counts counts)
    {
        SeededChoices choices = new(_seed ^ ((ulong)episode * EpisodeFactor));
        AttackedQueue queue = _queues[choices.Pick(_queues.Length)];
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            queue.RunEpisode(choices, counts);
        }
#pragma warning disable CA1031 // whatever it throws is the finding
        catch (Exception exception)
#pragma warning restore CA1031
        {
            string what = exception is DamageException ? exception.Message : exception.ToString();
            return $"{queue.Case}: episode {episode}: {what}";
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return allocated == 0 ? null : $"{queue.Case}: episode {episode}: {allocated} bytes allocated";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (AttackedQueue queue in _queues) queue.Dispose();
    }

    private long Words()
    {
        long words = 0;
        foreach (AttackedQueue queue in _queues) words += queue.Words;
        return words;
    }

    private long Watch(long stuckAt)
    {
        long now = Interlocked.Read(ref _episode);
        if (now == stuckAt) Environment.FailFast($"episode {now} of seed {_seed} hangs");
        return now;
    }
}
