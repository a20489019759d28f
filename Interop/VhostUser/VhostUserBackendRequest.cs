namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>What a back end asks. Source: there, "Back-end message types".</summary>
public enum VhostUserBackendRequest : uint
{
    /// <summary>The configuration space has changed.</summary>
    ConfigChange = 2,
    /// <summary>u32 ring, u32. A call, in band.</summary>
    VringCall = 4,
}
