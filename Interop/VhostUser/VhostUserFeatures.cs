namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>Feature bits that belong to vhost-user itself.</summary>
public static class VhostUserFeatures
{
    /// <summary>VHOST_USER_F_PROTOCOL_FEATURES, a bit among the device's features: there are protocol features to be asked for.</summary>
    /// <remarks>With it, rings begin disabled; without it, enabled. Linux does not probe a device without it.</remarks>
    public const int ProtocolFeatures = 30;

    /// <summary>VHOST_F_LOG_ALL: what migration asks for.</summary>
    public const int LogAll = 26;
}
