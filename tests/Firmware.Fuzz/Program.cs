using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Fuzz;

/// <summary>The command: <c>dotnet run -c Release --project tests/Firmware.Fuzz -- --iterations 10000000</c>.</summary>
internal static class Program
{
    private const string Usage = """
        Mutates firmware images and resource tables and reads, checks and dumps them.

          --iterations N     inputs to make (1000000)
          --seed S           decides all inputs (1)
          --from N           number of the first input (0); with --iterations 1, makes one input again
          --check-every N    check and dump every Nth input, not only read it (64)
          --json             one JSON object instead of text
          --write-corpus     write the generated part of tests/corpus/firmware, and stop

        Exit: 0 all inputs passed, 1 one failed (its bytes are saved), 2 usage.
        """;

    private static int Main(string[] arguments)
    {
        long iterations = 1_000_000, from = 0;
        ulong seed = 1;
        int checkEvery = 64;
        bool asJson = false;
        string root = Corpus.FindRoot();
        for (int i = 0; i < arguments.Length; i++)
        {
            string value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            bool known = arguments[i] switch
            {
                "--iterations" => long.TryParse(value, out iterations) && ++i > 0,
                "--seed" => ulong.TryParse(value, out seed) && ++i > 0,
                "--from" => long.TryParse(value, out from) && ++i > 0,
                "--check-every" => int.TryParse(value, out checkEvery) && checkEvery > 0 && ++i > 0,
                "--json" => asJson = true,
                "--write-corpus" => WriteCorpus(root),
                _ => false,
            };
            if (arguments[i] == "--write-corpus") return 0;
            if (known) continue;
            Console.Error.WriteLine(Usage);
            return 2;
        }

        IReadOnlyList<(string Name, byte[] Bytes)> corpus = Corpus.Load(root);
        FuzzRun run = new(corpus, seed, checkEvery);
        FuzzResult result = run.Run(from, iterations);
        Console.WriteLine(asJson ? ToJson(run, result, corpus.Count, seed) : ToText(run, result, corpus.Count, seed));
        if (result.Failure is null) return 0;
        string saved = $"fuzz-{seed}-{result.FailedIteration}.bin";
        File.WriteAllBytes(saved, result.FailedInput);
        Console.Error.WriteLine($"input {result.FailedIteration} failed: {result.Failure}");
        Console.Error.WriteLine($"saved as {saved}; again: --seed {seed} --from {result.FailedIteration} --iterations 1 --check-every 1");
        return 1;
    }

    private static bool WriteCorpus(string root)
    {
        string folder = Path.Combine(root, "tests/corpus/firmware");
        _ = Directory.CreateDirectory(folder); // the path is what we gave it
        foreach ((string name, byte[] bytes) in Corpus.Generate()) File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return true;
    }

    private static string ToText(FuzzRun run, FuzzResult result, int files, ulong seed)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        StringBuilder text = new();
        void Line(string line) => _ = text.Append(line).Append('\n'); // a builder returns itself
        string verdict = result.Failure is null ? "passed" : "FAILED";
        string rate = (result.Iterations / result.ElapsedSeconds).ToString("f0", culture);
        string longest = (result.LongestNs / 1e6).ToString("f2", culture);
        Line($"{verdict}: {result.Iterations} inputs of {files} files, seed {seed}; {result.Checked} of them also checked and dumped");
        Line($"time: {result.ElapsedSeconds.ToString("f1", culture)} s, {rate} inputs/s, longest {longest} ms");
        Line($"allocated: reading {result.ReadAllocatedBytes} bytes in all, check and dumps {result.CheckAllocatedBytesMax} bytes at most");
        Line("statuses: " + Counts(run.Read.ElfCounts, i => ((ElfStatus)i).RuleId(), "image ok"));
        Line("          " + Counts(run.Read.LoadCounts, i => ((LoadStatus)i).RuleId(), "segment ok"));
        Line("          " + Counts(run.Read.TableCounts[..(int)ResourceTableStatus.ConfigOutOfRange], i =>
            ((ResourceTableStatus)i).RuleId(), "table ok"));
        Line($"checker:  {run.Check.Rules.Count} rules found");
        return text.ToString().TrimEnd();
    }

    private static string Counts(ReadOnlySpan<long> counts, Func<int, string> nameOf, string okName)
    {
        List<string> parts = [];
        for (int i = 0; i < counts.Length; i++) parts.Add($"{(i == 0 ? okName : nameOf(i))} {counts[i]}");
        return string.Join(", ", parts);
    }

    private static string ToJson(FuzzRun run, FuzzResult result, int files, ulong seed)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("passed", result.Failure is null);
            json.WriteNumber("iterations", result.Iterations);
            json.WriteNumber("checked", result.Checked);
            json.WriteNumber("files", files);
            json.WriteNumber("seed", seed);
            json.WriteNumber("seconds", result.ElapsedSeconds);
            json.WriteNumber("inputs_per_second", result.Iterations / result.ElapsedSeconds);
            json.WriteNumber("longest_ns", result.LongestNs);
            json.WriteNumber("read_allocated_bytes", result.ReadAllocatedBytes);
            json.WriteNumber("check_allocated_bytes_max", result.CheckAllocatedBytesMax);
            json.WriteNumber("checker_rules_found", run.Check.Rules.Count);
            if (result.Failure is not null)
            {
                json.WriteString("failure", result.Failure);
                json.WriteNumber("failed_iteration", result.FailedIteration);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
