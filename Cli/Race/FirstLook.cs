using System;

namespace RemoteprocEmu.Cli.Race;

/// <summary>What firmware finds of a vdev's rings at its first instruction.</summary>
[Flags]
internal enum FirstLook
{
    /// <summary>Nobody has looked.</summary>
    None = 0,
    /// <summary>In some order, both addresses.</summary>
    Published = 1,
    /// <summary>In some order, 0xffffffff.</summary>
    Unset = 2,
}
