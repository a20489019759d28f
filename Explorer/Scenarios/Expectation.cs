namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Something that is to be seen when everything is quiet.</summary>
/// <param name="Observable">What is looked at.</param>
/// <param name="Values">What is right.</param>
/// <param name="Place">Where it was written.</param>
public sealed record Expectation(Observable Observable, EraValues Values, ScenarioPlace Place)
{
    /// <summary>The processor that is looked at, from 0.</summary>
    public int Processor { get; init; }

    /// <summary>The vdev, from 0; -1 for every one.</summary>
    public int Vdev { get; init; } = -1;

    /// <summary>The vring, from 0; -1 for every one.</summary>
    public int Vring { get; init; } = -1;

    /// <summary>The memory block or the line of the log; empty otherwise.</summary>
    public string Name { get; init; } = "";

    /// <summary>As a person says it: <c>first_instruction vdev1 da</c>.</summary>
    public override string ToString()
    {
        string vdev = Vdev < 0 ? "" : $" vdev{Vdev}";
        string vring = Vring < 0 ? "" : $" vring{Vring}";
        string name = Name.Length == 0 ? "" : $" {Name}";
        return $"{ObservableWords.Of(Observable)}{vdev}{vring}{name}";
    }
}
