namespace RemoteprocEmu.Cli.Run;

/// <summary>A channel.</summary>
/// <param name="Name">As in sysfs.</param>
/// <param name="Service">The service.</param>
/// <param name="Source">The host's address.</param>
/// <param name="Destination">The firmware's address.</param>
/// <param name="Driver">The driver that is bound to it; empty when none is.</param>
internal sealed record ChannelRow(string Name, string Service, uint Source, uint Destination, string Driver);
