using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using RemoteprocEmu.Virtio.Fuzz.Conformance;
using RemoteprocEmu.Virtio.Fuzz.Hostile;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz;

/// <summary>Compares the rings with models written from the specification, and attacks them.</summary>
internal static class Program
{
    private const string Usage = """
        Usage: dotnet run -c Release --project tests/Virtio.Fuzz -- [options]

        Random operations on the split and the packed ring, compared with slow models of VIRTIO 1.2 in everything that can be seen; and a
        hostile peer, who writes garbage and lies into shared words at any time. The same seed makes the same run.

          --operations N   compare over N operations; 100000000 is what a release is tried with
          --hostile WORDS  attack until so many shared words were written; 1000000000 is for a night
          --seed S         seed (1)
          --from E         first episode of the attack (0); with --episodes 1, makes one episode again
          --episodes N     attack in at most so many episodes
          --json           one JSON object instead of text
          --write-corpus   write tests/corpus/virtio/episodes.txt, and stop

        Exit: 0 nothing found, 1 something found, 2 usage.
        """;

    private static int Main(string[] arguments)
    {
        long operations = 0, words = 0, from = 0, episodes = long.MaxValue;
        ulong seed = 1;
        bool asJson = false, writesCorpus = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            bool known = arguments[i] switch
            {
                "--operations" => long.TryParse(value, out operations) && operations > 0 && ++i > 0,
                "--hostile" => long.TryParse(value, out words) && words > 0 && ++i > 0,
                "--seed" => ulong.TryParse(value, out seed) && ++i > 0,
                "--from" => long.TryParse(value, out from) && from >= 0 && ++i > 0,
                "--episodes" => long.TryParse(value, out episodes) && episodes > 0 && ++i > 0,
                "--json" => asJson = true,
                "--write-corpus" => writesCorpus = true,
                _ => false,
            };
            if (!known) return Misused();
        }

        if (writesCorpus) return WriteCorpus(seed);
        if (operations == 0 && words == 0) return Misused();
        (ConformanceResult compared, double seconds) =
            operations == 0 ? (new ConformanceResult(0, 0, null), 0) : ConformanceSuite.Run(operations, seed);
        using HostileRun run = new(seed);
        HostileResult attacked = words == 0 ? new HostileResult(0, 0, null, 0) : run.Run(from, words, episodes);
        System.Console.WriteLine(
            asJson ? ToJson(compared, seconds, attacked, run.Counts, seed) : ToText(compared, seconds, attacked, run.Counts));
        if (compared.Failure is not null)
            System.Console.Error.WriteLine($"{compared.Failure}\nagain: --operations {operations} --seed {seed}");
        if (attacked.Failure is not null)
        {
            long episode = from + attacked.Episodes - 1;
            System.Console.Error.WriteLine($"{attacked.Failure}\nagain: --hostile 1000000 --seed {seed} --from {episode} --episodes 1");
        }

        return compared.Failure is null && attacked.Failure is null ? 0 : 1;
    }

    private static int Misused()
    {
        System.Console.Error.WriteLine(Usage);
        return 2;
    }

    private static int WriteCorpus(ulong seed)
    {
        const long EpisodesLookedAt = 200_000;
        string path = Path.Combine(EpisodeCorpus.FindRoot(), EpisodeCorpus.File);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!); // the path is what we gave it
        File.WriteAllText(path, EpisodeCorpus.Find(seed, EpisodesLookedAt));
        return 0;
    }

    private static string ToText(ConformanceResult compared, double seconds, HostileResult attacked, Counts counts)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        StringBuilder text = new();
        void Line(string line) => _ = text.Append(line).Append('\n'); // a builder returns itself
        if (compared.Operations != 0)
        {
            string verdict = compared.Failure is null ? "agree" : "DIFFER";
            int kinds = QueueCase.All.Count;
            Line(string.Create(culture, $"rings and models {verdict}: {compared.Operations} operations, {kinds} kinds of queue"));
            Line(string.Create(culture, $"  {compared.Rounds} chains went round; {seconds:f1} s"));
        }

        if (attacked.Episodes != 0)
        {
            string verdict = attacked.Failure is null ? "only statuses came out" : "DAMAGE";
            Line(string.Create(culture, $"hostile peer: {verdict}: {attacked.Words} words in {attacked.Episodes} episodes"));
            Line(string.Create(culture, $"  {attacked.ElapsedSeconds:f1} s"));
            string side = "";
            foreach ((string ring, QueueHalf half, RingStatus status, long count) in counts.All())
            {
                if (side != $"{ring} {half}") _ = text.Append(culture, $"  {side = $"{ring} {half}"}:\n");
                _ = text.Append(culture, $"    {status} {count}\n");
            }
        }

        return text.ToString().TrimEnd();
    }

    private static string ToJson(ConformanceResult compared, double seconds, HostileResult attacked, Counts counts, ulong seed)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("passed", compared.Failure is null && attacked.Failure is null);
            json.WriteNumber("seed", seed);
            json.WriteNumber("operations", compared.Operations);
            json.WriteNumber("rounds", compared.Rounds);
            json.WriteNumber("operations_seconds", seconds);
            json.WriteNumber("hostile_words", attacked.Words);
            json.WriteNumber("hostile_episodes", attacked.Episodes);
            json.WriteNumber("hostile_seconds", attacked.ElapsedSeconds);
            json.WriteStartObject("statuses");
            foreach ((string ring, QueueHalf half, RingStatus status, long count) in counts.All())
                json.WriteNumber($"{ring} {half} {status}", count);
            json.WriteEndObject();
            if (compared.Failure is not null) json.WriteString("difference", compared.Failure);
            if (attacked.Failure is not null) json.WriteString("damage", attacked.Failure);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
