using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Xunit;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>The public surface of each library is a text in docs/api: what changes there is seen in review.</summary>
public class ApiTests
{
    private const string UpdateVariable = "UPDATE_API";

    public static TheoryData<string> Libraries =>
        [.. Tree.ProductProjects.Select(project => project.Split('/')[0]).Where(name => name != "Cli")];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_surface_is_what_docs_api_says(string library)
    {
        string path = Path.Combine(Tree.Root, "docs", "api", library + ".txt");
        string actual = ApiText.Of(Assembly.Load("RemoteprocEmu." + library));
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        string recorded = File.Exists(path) ? File.ReadAllText(path) : "";
        string[] differences = [.. Lines("-", recorded, actual), .. Lines("+", actual, recorded)];
        if (recorded == actual) return;
        Assert.Fail($"""
            the public surface of {library} is not what docs/api/{library}.txt says:
            {string.Join('\n', differences)}
            If that is meant, record it: {UpdateVariable}=1 dotnet test -c Release tests/Repo.Tests
            """);
    }

    [Fact]
    public void No_text_is_left_of_a_library_that_is_gone()
    {
        string folder = Path.Combine(Tree.Root, "docs", "api");
        IEnumerable<string> recorded = Directory.EnumerateFiles(folder).Select(path => Path.GetFileNameWithoutExtension(path));
        Assert.Empty(recorded.Except(Tree.ProductProjects.Select(project => project.Split('/')[0])));
    }

    [Fact]
    public void A_surface_is_written_a_line_a_member()
    {
        string text = ApiText.Of(Assembly.Load("RemoteprocEmu.Platform"));
        Assert.Contains(
            """

            sealed class RemoteprocEmu.Platform.Tasks.Mutex
                new(Scheduler scheduler, string name)
                ValueTask LockAsync()
                ValueTask<Errno> LockInterruptibleAsync()
                KernelTask Owner { get; }
                void Unlock()

            """, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Holder { get; set; }", text, StringComparison.Ordinal); // its setter is internal
    }

    private static IEnumerable<string> Lines(string mark, string text, string other) =>
        text.Split('\n').Except(other.Split('\n')).Select(line => $"{mark} {line.Trim()}");
}
