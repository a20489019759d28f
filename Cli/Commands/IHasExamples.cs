namespace RemoteprocEmu.Cli.Commands;

/// <summary>A command whose help ends with examples and, where they differ, what its exit codes mean.</summary>
internal interface IHasExamples
{
    /// <summary>Lines to print under the help, indented by two.</summary>
    string Examples { get; }
}
