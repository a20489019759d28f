namespace RemoteprocEmu.Virtio.Device;

/// <summary>What may be done to a status byte. All but <see cref="NeedsReset"/> are the driver's.</summary>
public enum VirtioStatusStep
{
    /// <summary>Writes 0.</summary>
    Reset,

    /// <summary>Adds ACKNOWLEDGE.</summary>
    Acknowledge,

    /// <summary>Adds DRIVER.</summary>
    Driver,

    /// <summary>Adds FEATURES_OK.</summary>
    FeaturesOk,

    /// <summary>Adds DRIVER_OK.</summary>
    DriverOk,

    /// <summary>Adds FAILED.</summary>
    Fail,

    /// <summary>The device adds NEEDS_RESET.</summary>
    NeedsReset,
}
