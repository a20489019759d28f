namespace RemoteprocEmu.Rpmsg.Remote.Profiles;

/// <summary>rpmsg-lite's return values. Source: rpmsg-lite lib/include/rpmsg_lite.h, RL_*.</summary>
public static class RpmsgLiteStatus
{
    /// <summary>RL_SUCCESS.</summary>
    public const int Success = 0;

    /// <summary>RL_ERR_NO_MEM: no buffer, at once or within the time given.</summary>
    public const int NoMem = -5001;

    /// <summary>RL_ERR_BUFF_SIZE: longer than a buffer.</summary>
    public const int BuffSize = -5002;

    /// <summary>RL_ERR_PARAM.</summary>
    public const int Param = -5003;

    /// <summary>RL_ERR_NO_BUFF.</summary>
    public const int NoBuff = -5006;

    /// <summary>RL_NOT_READY: the link is not up.</summary>
    public const int NotReady = -5007;
}
