namespace RemoteprocEmu.Cores.Programs;

/// <summary>A way in which a remote can break the protocol.</summary>
public enum Misdeed
{
    /// <summary>A used entry names a descriptor that the ring does not have.</summary>
    UsedIdOutOfRange,

    /// <summary>A used entry claims more bytes than the buffer has.</summary>
    UsedLengthLie,

    /// <summary>A message's header claims more payload than the buffer has.</summary>
    HeaderLengthLie,

    /// <summary>The used index runs further ahead than the ring has descriptors.</summary>
    IndexJump,

    /// <summary>A name service message of 39 bytes instead of 40. This breaks no ring: the host says so and goes on.</summary>
    NameServiceMalformed,
}
