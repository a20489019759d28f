namespace RemoteprocEmu.Explorer.Explain.Record;

/// <summary>A task of a recorded run.</summary>
/// <param name="Id">Its number in the run, from 1.</param>
/// <param name="Name">What a person calls it.</param>
/// <param name="Cpu">The processor that it ran on: <c>host</c>, <c>remoteproc0</c>.</param>
/// <param name="IsHost">Whether that is the host.</param>
/// <param name="Parent">The task that created it; 0 for none.</param>
/// <param name="IsDaemon">Whether it may sleep for ever.</param>
public sealed record RecordedTask(int Id, string Name, string Cpu, bool IsHost, int Parent, bool IsDaemon);
