using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Somebody who does things in order, in a task of its own, while others do theirs.</summary>
/// <param name="Name">Who: the name of the task.</param>
/// <param name="Actions">What, in order.</param>
public sealed record ScenarioActor(string Name, IReadOnlyList<ScenarioAction> Actions);
