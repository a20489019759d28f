namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>A mistake in a scenario file.</summary>
/// <param name="Place">Where.</param>
/// <param name="Message">What is wrong, what was expected, and the nearest name where there is one.</param>
public sealed record ScenarioError(ScenarioPlace Place, string Message)
{
    /// <summary>The way a compiler says it: <c>RP-06.yaml:12:5: error: ...</c>.</summary>
    public override string ToString() => $"{Place}: error: {Message}";
}
