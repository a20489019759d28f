using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Xunit;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>Who may know whom: the table of ARCHITECTURE.md against the project files.</summary>
public class ProjectTests
{
    private static readonly SortedDictionary<string, string[]> s_mayReference = new(StringComparer.Ordinal)
    {
        ["Platform"] = [],
        ["DriverModel"] = ["Platform"],
        ["Firmware"] = ["Platform"],
        ["Virtio"] = ["Platform", "DriverModel"],
        ["Rpmsg"] = ["Platform", "DriverModel", "Virtio"],
        ["Remoteproc"] = ["Platform", "DriverModel", "Virtio", "Firmware"],
        ["Scmi"] = ["Platform", "DriverModel", "Virtio"],
        ["Cores"] = ["Platform", "Firmware", "Virtio", "Rpmsg"],
        ["Interop"] = ["Platform", "DriverModel", "Virtio", "Rpmsg", "Remoteproc", "Scmi"],
        ["Explorer"] = ["Platform", "DriverModel", "Firmware", "Virtio", "Rpmsg", "Remoteproc", "Scmi", "Cores", "Interop"],
        ["Board"] = ["Platform", "DriverModel", "Firmware", "Virtio", "Rpmsg", "Remoteproc", "Scmi", "Cores", "Interop", "Explorer"],
        ["Cli"] = ["Board", "Platform", "DriverModel", "Firmware", "Virtio", "Rpmsg", "Remoteproc", "Scmi", "Cores", "Interop", "Explorer"],
    };

    [Fact]
    public void A_project_references_only_what_the_table_allows()
    {
        List<string> findings = [];
        foreach (string project in Tree.ProductProjects)
        {
            string folder = project[..project.IndexOf('/', StringComparison.Ordinal)];
            if (!s_mayReference.TryGetValue(folder, out string[]? allowed))
            {
                findings.Add($"{project}: the table has no row {folder}");
                continue;
            }

            findings.AddRange(ReferencesOf(project).Where(other => !allowed.Contains(other))
                .Select(other => $"{project}: {folder} may not reference {other}"));
        }

        Findings.None(findings);
    }

    [Fact]
    public void A_project_is_named_after_its_folder()
    {
        foreach (string project in Tree.Projects)
        {
            string folder = project[..project.LastIndexOf('/')];
            string name = folder.StartsWith("tests/", StringComparison.Ordinal) ? folder["tests/".Length..]
                : folder.StartsWith("benchmarks/", StringComparison.Ordinal) ? "Benchmarks." + folder["benchmarks/".Length..]
                : folder.StartsWith("samples/", StringComparison.Ordinal) ? "Samples." + folder["samples/".Length..].Replace('/', '.')
                : folder;
            Assert.Equal($"{folder}/RemoteprocEmu.{name}.csproj", project);
        }
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string[] listed = [.. Tree.Read("RemoteprocEmu.sln").Split('"').Where(part => part.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(part => part.Replace('\\', '/')).Order(StringComparer.Ordinal)];
        Assert.Equal(Tree.Projects, listed);
    }

    [Fact]
    public void Platform_is_made_of_the_base_library_alone() =>
        Assert.Empty(Items("Platform/RemoteprocEmu.Platform.csproj", "PackageReference"));

    [Fact]
    public void Only_the_composition_root_and_what_is_above_it_may_take_time_from_the_machine()
    {
        IEnumerable<string> exempt =
            Tree.ProductProjects.Where(project => Tree.Read(project).Contains("<BanHostTime>false", StringComparison.Ordinal));
        string[] allowed = ["Board/RemoteprocEmu.Board.csproj", "Cli/RemoteprocEmu.Cli.csproj"];
        Assert.Empty(exempt.Except(allowed));
    }

    private static IEnumerable<string> ReferencesOf(string project) =>
        Items(project, "ProjectReference").Select(include => Path.GetFileName(Path.GetDirectoryName(include.Replace('\\', '/'))!));

    private static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Parse(Tree.Read(project)).Descendants(kind).Select(item => (string?)item.Attribute("Include") ?? "");
}
