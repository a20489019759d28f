namespace RemoteprocEmu.Interop.Pcapng;

/// <summary>Which way a packet went, as the host sees it.</summary>
/// <remarks>Source: draft-ietf-opsawg-pcapng, section 4.3.1, epb_flags, bits 0 and 1.</remarks>
public enum PacketDirection
{
    /// <summary>It went nowhere: an event.</summary>
    Unknown = 0,
    /// <summary>To the host.</summary>
    Inbound = 1,
    /// <summary>From the host.</summary>
    Outbound = 2,
}
