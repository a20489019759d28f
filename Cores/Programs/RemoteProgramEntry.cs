using System;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>A program that can be chosen by name.</summary>
/// <param name="Name">Its name, as on a command line.</param>
/// <param name="Description">What it does, in one line.</param>
/// <param name="Create">Makes one, for one core.</param>
public sealed record RemoteProgramEntry(string Name, string Description, Func<RemoteProgramOptions, RemoteProgram> Create);
