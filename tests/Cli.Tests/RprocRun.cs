using System;
using System.Diagnostics;
using System.IO;
using RemoteprocEmu.Cli.Commands;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Tests;

/// <summary>What one command line came to.</summary>
internal sealed record RprocRun(int ExitCode, string Output, string Error)
{
    /// <summary>The built assembly, beside the tests.</summary>
    public static string AssemblyPath => Path.Combine(AppContext.BaseDirectory, "rproc.dll");

    /// <summary>The lines of <see cref="Output"/>.</summary>
    public string[] Lines => Output.TrimEnd('\n').Split('\n');

    /// <summary>Runs a command line in this process.</summary>
    public static RprocRun InProcess(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        int exitCode = RprocCommandLine.Run(arguments, new Terminal(output, error));
        return new RprocRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Starts a command line as a process of its own.</summary>
    public static Process Start(params string[] arguments)
    {
        ProcessStartInfo info = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        info.ArgumentList.Add(AssemblyPath);
        foreach (string argument in arguments) info.ArgumentList.Add(argument);
        return Process.Start(info)!;
    }

    /// <summary>Runs a command line as a process of its own.</summary>
    public static RprocRun AsProcess(params string[] arguments)
    {
        using Process process = Start(arguments);
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new RprocRun(process.ExitCode, output, error.Result);
    }
}
