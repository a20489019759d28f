using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Something that may happen, at any time, or not at all: a search tries both.</summary>
/// <param name="Name">What: the name of the task.</param>
/// <param name="Actions">What is then done, in order.</param>
/// <param name="TimesMax">How often it may happen, one after the other.</param>
public sealed record ScenarioEvent(string Name, IReadOnlyList<ScenarioAction> Actions, int TimesMax);
