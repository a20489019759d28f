using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>A vdev of an image that is made for a scenario, with a table that no compiler would make.</summary>
/// <param name="Id">The virtio device id.</param>
/// <param name="Features">dfeatures.</param>
/// <param name="Vrings">Descriptors and alignment in bytes of each vring; not judged.</param>
public sealed record ScenarioVdev(uint Id, uint Features, IReadOnlyList<(uint Num, uint AlignBytes)> Vrings);
