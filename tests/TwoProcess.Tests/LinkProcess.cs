using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading;
using Xunit;

namespace RemoteprocEmu.TwoProcess.Tests;

/// <summary>A process <c>rproc link openamp</c>, and what it has printed so far.</summary>
internal sealed partial class LinkProcess : IDisposable
{
    private const int WaitMs = 60_000;

    private readonly Process _process;
    private readonly List<string> _lines = []; // under itself, as all that follows
    private bool _hasEnded;

    private LinkProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data, isError: true);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>What was printed to standard error, for messages.</summary>
    public string Errors { get; private set; } = "";

    /// <summary>The command that starts this process, for a shell.</summary>
    public static string CommandLine(string directory, string role, string side, params string[] more) =>
        string.Join(' ', (string[])["exec dotnet", AssemblyPath, .. Arguments(directory, role, side, more)]);

    public static LinkProcess Start(string directory, string role, string side, params string[] more)
    {
        ProcessStartInfo info = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        info.ArgumentList.Add(AssemblyPath);
        foreach (string argument in Arguments(directory, role, side, more)) info.ArgumentList.Add(argument);
        return new LinkProcess(Process.Start(info)!);
    }

    /// <summary>Waits until so many lines contain some text.</summary>
    /// <returns>The last of them.</returns>
    public string WaitForLine(string text, int count = 1)
    {
        Stopwatch clock = Stopwatch.StartNew();
        lock (_lines)
        {
            while (true)
            {
                string[] found = [.. _lines.Where(line => line.Contains(text, StringComparison.Ordinal))];
                if (found.Length >= count) return found[count - 1];
                Assert.False(_hasEnded, $"it has ended without saying \"{text}\" {count} times: {this}");
                Assert.True(clock.ElapsedMilliseconds < WaitMs, $"it does not say \"{text}\" {count} times: {this}");
                _ = Monitor.Wait(_lines, 100);
            }
        }
    }

    /// <summary>Whether a line contains some text, or none will any more.</summary>
    public bool HasSaid(string text)
    {
        lock (_lines) return _hasEnded || _lines.Exists(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public int WaitForEnd()
    {
        Assert.True(_process.WaitForExit(WaitMs * 10), $"it does not end: {this}");
        _process.WaitForExit(); // its output, too
        return _process.ExitCode;
    }

    /// <summary>The last line that it has printed.</summary>
    public string LastLine()
    {
        lock (_lines) return _lines.LastOrDefault() ?? "";
    }

    /// <summary>The JSON object that it has printed.</summary>
    public JsonElement Json()
    {
        lock (_lines) return JsonDocument.Parse(string.Join('\n', _lines)).RootElement;
    }

    /// <summary>kill -9: nothing of it runs any more.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Assert.Equal(0, SendSignal(_process.Id, SigInt));

    /// <summary>What it holds that a link is made of: sockets, descriptors and mappings of the shared memory.</summary>
    public string[] Holdings() => HoldingsOf(_process.Id);

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    public override string ToString()
    {
        lock (_lines) return $"process {_process.Id}:\n{string.Join('\n', _lines)}\n{Errors}";
    }

    private static string AssemblyPath => Path.Combine(AppContext.BaseDirectory, "rproc.dll");

    private static string[] Arguments(string directory, string role, string side, string[] more) =>
        ["link", "openamp", "--role", role, "--side", side, "--dir", directory, .. more];

    private static string[] HoldingsOf(int process)
    {
        List<string> holdings = [];
        foreach (FileInfo descriptor in new DirectoryInfo($"/proc/{process}/fd").GetFiles())
        {
            string target = descriptor.LinkTarget ?? "";
            if (target.StartsWith("socket:", StringComparison.Ordinal)) holdings.Add("socket");
            else if (target.Contains("/openamp.shm", StringComparison.Ordinal)) holdings.Add(target);
        }

        foreach (string line in File.ReadLines($"/proc/{process}/maps"))
        {
            if (line.Contains("/openamp.shm", StringComparison.Ordinal)) holdings.Add("mapping");
        }

        return [.. holdings.Order(StringComparer.Ordinal)];
    }

    private void Add(string? line, bool isError = false)
    {
        lock (_lines)
        {
            if (line is null) _hasEnded |= !isError;
            else if (isError) Errors += line + "\n";
            else _lines.Add(line);
            Monitor.PulseAll(_lines);
        }
    }

    private const int SigInt = 2;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
