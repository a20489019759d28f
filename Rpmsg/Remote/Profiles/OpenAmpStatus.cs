namespace RemoteprocEmu.Rpmsg.Remote.Profiles;

/// <summary>OpenAMP's error values. Source: open-amp lib/include/openamp/rpmsg.h, RPMSG_ERR_*.</summary>
public static class OpenAmpStatus
{
    /// <summary>RPMSG_SUCCESS; a send returns the bytes sent instead.</summary>
    public const int Success = 0;

    /// <summary>RPMSG_ERR_NO_MEM.</summary>
    public const int NoMem = -2001;

    /// <summary>RPMSG_ERR_NO_BUFF: no buffer, at once or after 15 s; also while there is no driver.</summary>
    public const int NoBuff = -2002;

    /// <summary>RPMSG_ERR_PARAM: a destination that is ANY, an address out of range.</summary>
    public const int Param = -2003;

    /// <summary>RPMSG_ERR_DEV_STATE: no DRIVER_OK.</summary>
    public const int DevState = -2004;

    /// <summary>RPMSG_ERR_BUFF_SIZE.</summary>
    public const int BuffSize = -2005;

    /// <summary>RPMSG_ERR_INIT.</summary>
    public const int Init = -2006;

    /// <summary>RPMSG_ERR_ADDR: the address is taken, or there is none left.</summary>
    public const int Addr = -2007;

    /// <summary>RPMSG_ERR_PERM: the buffer is not one that may be used so.</summary>
    public const int Perm = -2008;

    /// <summary>The value that OpenAMP would return.</summary>
    public static int Of(RemoteStatus status) => status switch
    {
        RemoteStatus.Ok or RemoteStatus.MoreWaits => Success,
        RemoteStatus.NoDriver => DevState,
        RemoteStatus.NoBuffer => NoBuff,
        RemoteStatus.TooLong => BuffSize,
        RemoteStatus.NoDestination => Param,
        RemoteStatus.AddressTaken or RemoteStatus.NoAddress => Addr,
        RemoteStatus.Stale => Perm,
        _ => Init, // a broken queue: OpenAMP would go on with it
    };
}
