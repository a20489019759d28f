namespace RemoteprocEmu.Firmware.Check;

/// <summary>How much a finding matters.</summary>
public enum CheckSeverity : byte
{
    /// <summary>Good to know; sane images have such things.</summary>
    Note = 0,
    /// <summary>The kernel boots the image, and something does not work or breaks later.</summary>
    Warning = 1,
    /// <summary>The kernel refuses the image, or reads outside it.</summary>
    Error = 2,
}
