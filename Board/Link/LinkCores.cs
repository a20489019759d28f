using System.Collections.Generic;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Interop.OpenAmp;

namespace RemoteprocEmu.Board.Link;

/// <summary>Which cores two polling processes have: each finds its own without asking the other.</summary>
internal static class LinkCores
{
    /// <summary>The core of a role.</summary>
    /// <returns>Null where this process may run on one core only.</returns>
    public static int? Of(LinkRole role)
    {
        IReadOnlyList<int> cores = HostThreads.AllowedCores();
        if (cores.Count < 2) return null;
        (int host, int remote) = HostThreads.ChooseTwo(cores);
        return role == LinkRole.Host ? host : remote;
    }
}
