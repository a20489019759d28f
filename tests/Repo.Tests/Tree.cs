using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>The source tree that this test was built from.</summary>
internal static class Tree
{
    private static readonly HashSet<string> s_notSource = // what a build or an editor leaves behind: .gitignore
        ["bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", ".git", ".vs", ".idea", ".vscode"];

    private static readonly HashSet<string> s_textSuffixes =
    [
        ".cs", ".csproj", ".props", ".targets", ".json", ".sln", ".md", ".txt", ".sh", ".yml", ".yaml", ".py",
        ".c", ".h", ".s", ".S", ".ld", "",
    ];

    /// <summary>The folder of RemoteprocEmu.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every source file, as a path from the root with '/' between folders, sorted.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(Relative).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> TextFiles => Files.Where(file => s_textSuffixes.Contains(Path.GetExtension(file)));

    public static IEnumerable<string> CSharpFiles => Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    public static IEnumerable<string> Projects => Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal));

    /// <summary>C# files of what we ship: not tests, not benchmarks, not samples.</summary>
    public static IEnumerable<string> ProductFiles => CSharpFiles.Where(IsProduct);

    /// <summary>Project files of what we ship.</summary>
    public static IEnumerable<string> ProductProjects => Projects.Where(IsProduct);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static bool IsProduct(string file) =>
        !file.StartsWith("tests/", StringComparison.Ordinal) && !file.StartsWith("benchmarks/", StringComparison.Ordinal) &&
        !file.StartsWith("samples/", StringComparison.Ordinal);

    private static string Relative(string path) => Path.GetRelativePath(Root, path);

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(path => !s_notSource.Contains(Path.GetFileName(path))).SelectMany(Walk));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RemoteprocEmu.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no RemoteprocEmu.sln above {AppContext.BaseDirectory}");
    }
}
