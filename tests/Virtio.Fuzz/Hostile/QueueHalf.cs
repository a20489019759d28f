namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>A half of a queue.</summary>
public enum QueueHalf
{
    /// <summary>It offers and reclaims.</summary>
    Driver,

    /// <summary>It takes and returns.</summary>
    Device,
}
