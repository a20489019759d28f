namespace RemoteprocEmu.Explorer;

/// <summary>What must hold in every run, whatever the order of events.</summary>
public enum OracleRule
{
    /// <summary>No message is lost, doubled, reordered within an endpoint, or altered, while its channel lives.</summary>
    Messages = 1,
    /// <summary>No memory is used after its owner freed it, and none before it was published.</summary>
    Memory,
    /// <summary>A buffer has one owner at any time: driver, ring, device, or who holds it in a callback.</summary>
    BufferOwnership,
    /// <summary>A module can be removed, and a processor switched off, once its users are gone.</summary>
    Removability,
    /// <summary>Nothing outlives its parent: no callback after its module's exit, no channel without its vdev.</summary>
    Lifetime,
    /// <summary>Nothing is left after the last unload.</summary>
    Leak,
    /// <summary>No deadlock, and no lost wake-up.</summary>
    Deadlock,
    /// <summary>Nothing that another processor wrote is used unchecked, and a broken ring stops that ring alone.</summary>
    PeerTrust,
}
