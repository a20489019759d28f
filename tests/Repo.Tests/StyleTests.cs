using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>Limits that keep files readable, and where things are to be found.</summary>
public partial class StyleTests
{
    private const int LineColumnsMax = 140;
    private const int FileLinesMax = 450;
    private const int TestFileLinesMax = 600;
    private const int MethodLinesMax = 70;

    /// <summary>Small companions that live with the type they belong to.</summary>
    private static readonly SortedDictionary<string, string[]> s_companions = new(StringComparer.Ordinal)
    {
        ["DriverModel/Devices/PlatformBus.cs"] = ["PlatformDevice"],
        ["DriverModel/Log/LogLine.cs"] = ["LogLevel"],
        ["DriverModel/Modules/KernelModule.cs"] = ["ModuleState"],
        ["Platform/Access/ISharedAccess.cs"] = ["HostAccess"],
        ["Platform/Access/Le.cs"] = ["Le16", "Le32", "Le64"],
        ["Platform/Errno.cs"] = ["ErrnoText"],
        ["Platform/Faults/IFaultPlan.cs"] = ["FailNth", "NoFaults"],
        ["Platform/Invariant.cs"] = ["InvariantException"],
        ["Platform/Memory/AddressMap.cs"] = ["AddressWindow"],
        ["Platform/Memory/Addresses.cs"] = ["DeviceAddress", "PhysicalAddress"],
        ["Platform/RemoteCores/IRemoteCore.cs"] = ["CoreStart"],
        ["Platform/Tasks/IChoices.cs"] = ["FirstChoice"],
        ["Platform/Tasks/KernelTask.cs"] = ["KernelTaskState"],
        ["Platform/Tasks/WaitQueue.cs"] = ["WaitQueueKind", "WaitResult"],
        ["Platform/Tasks/WorkQueue.cs"] = ["Work"],
        ["Platform/Trace/TraceEvent.cs"] = ["ITraceSink", "TraceKind"],
        ["Remoteproc/Eras/Era.cs"] =
        [
            "DeleteWithUsers", "DeletionMark", "DetachedStart", "DriverPower", "FailedRecovery", "FirmwareCallback",
            "FixedAddressMismatch", "LoadedTable", "MessageBufferLife", "ModuleReference", "RecoveryForm", "RunningState",
            "VdevFailure", "VdevRegistration", "VringAddress", "VringContents", "VringLife", "VringPublication",
        ],
        ["Remoteproc/Lifecycle/RprocOps.cs"] = ["RscHandled"],
        ["Remoteproc/Lifecycle/RprocState.cs"] = ["RprocCrashType", "RprocWords"],
        ["Remoteproc/Lifecycle/RprocTransitions.cs"] = ["RprocTransition"],
        ["Remoteproc/Platforms/WkupM3IpcPlatform.cs"] = ["WkupM3State"],
        ["Remoteproc/Recovery/CoredumpConfiguration.cs"] = ["CoredumpWords"],
    };

    [Fact]
    public void A_file_is_short_enough_to_be_read_at_once()
    {
        List<string> findings = [];
        foreach (string file in Tree.CSharpFiles)
        {
            int count = Tree.Read(file).Count(c => c == '\n');
            int max = file.StartsWith("tests/", StringComparison.Ordinal) ? TestFileLinesMax : FileLinesMax;
            if (count > max) findings.Add($"{file}: {count} lines, of at most {max}");
        }

        Findings.None(findings);
    }

    [Fact]
    public void A_line_fits_the_screen()
    {
        List<string> findings = [];
        foreach (string file in Tree.CSharpFiles)
        {
            string[] lines = Tree.Read(file).Split('\n');
            for (int i = 0; i < lines.Length; i++)
            {
                int count = lines[i].Length;
                if (count > LineColumnsMax) findings.Add($"{file}:{i + 1}: {count} columns, of at most {LineColumnsMax}");
            }
        }

        Findings.None(findings);
    }

    /// <summary>Counts from brace to brace: the formatter has put a member's braces four columns in, a nested type's eight.</summary>
    [Fact]
    public void A_method_fits_the_screen()
    {
        List<string> findings = [];
        foreach (string file in Tree.CSharpFiles) findings.AddRange(LongMethods(file, Tree.Read(file).Split('\n')));
        Findings.None(findings);
    }

    [Fact]
    public void A_long_method_is_recognised()
    {
        string[] head = ["public class C", "{", "    public void M()", "    {"];
        string[] tail = ["    }", "}"];
        Assert.Empty(LongMethods("C.cs", [.. head, .. Enumerable.Repeat("        ;", MethodLinesMax - 2), .. tail]));
        Assert.Single(LongMethods("C.cs", [.. head, .. Enumerable.Repeat("        ;", MethodLinesMax - 1), .. tail]));
    }

    [Fact]
    public void A_text_file_has_unix_line_ends_and_ends_with_one()
    {
        List<string> findings = [];
        foreach (string file in Tree.TextFiles)
        {
            string text = Tree.Read(file);
            if (text.Contains('\r', StringComparison.Ordinal)) findings.Add($"{file}: CR");
            if (text.Length > 0 && text[^1] != '\n') findings.Add($"{file}: no line end at the end");
            if (text.EndsWith("\n\n", StringComparison.Ordinal)) findings.Add($"{file}: empty line at the end");
        }

        Findings.None(findings);
    }

    [Fact]
    public void A_file_holds_the_public_type_that_it_is_named_after()
    {
        List<string> findings = [];
        foreach (string file in Tree.ProductFiles)
        {
            string own = Path.GetFileName(file).Split('.')[0]; // Type.cs, or Type.Part.cs
            foreach (string type in PublicType().Matches(Tree.Read(file)).Select(match => match.Groups["name"].Value))
            {
                if (type == own || (s_companions.TryGetValue(file, out string[]? companions) && companions.Contains(type))) continue;
                findings.Add($"{file}: {type} belongs into a file of its own, or on the list of companions");
            }
        }

        Findings.None(findings);
    }

    [Fact]
    public void The_list_of_companions_has_no_dead_rows()
    {
        foreach ((string file, string[] companions) in s_companions)
        {
            Assert.Contains(file, Tree.ProductFiles);
            Assert.Empty(companions.Except(PublicType().Matches(Tree.Read(file)).Select(match => match.Groups["name"].Value)));
        }
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        List<string> findings = [];
        foreach (string file in Tree.ProductFiles)
        {
            if (Namespace().Match(Tree.Read(file)) is not { Success: true } match) continue; // a program, or assembly attributes
            string expected = "RemoteprocEmu." + Path.GetDirectoryName(file)!.Replace('/', '.');
            if (match.Groups["name"].Value != expected) findings.Add($"{file}: {match.Groups["name"].Value} instead of {expected}");
        }

        Findings.None(findings);
    }

    private static IEnumerable<string> LongMethods(string file, string[] lines)
    {
        foreach (string indent in (string[])["    ", "        "])
        {
            for (int open = 1; open < lines.Length; open++)
            {
                if (lines[open] != indent + "{" || TypeKeyword().IsMatch(lines[open - 1])) continue;
                int close = Array.FindIndex(lines, open, line => line.StartsWith(indent + "}", StringComparison.Ordinal));
                int count = close - open + 1;
                if (count > MethodLinesMax) yield return $"{file}:{open}: {count} lines, of at most {MethodLinesMax}";
            }
        }
    }

    [GeneratedRegex(@"^public (?:(?:sealed|static|abstract|readonly|partial|unsafe|ref) )*" +
        @"(?:class|struct|interface|enum|record(?: struct| class)?|delegate [\w<>?]+) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record)\b")]
    private static partial Regex TypeKeyword();
}
