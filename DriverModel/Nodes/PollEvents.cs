using System;

namespace RemoteprocEmu.DriverModel.Nodes;

/// <summary>What a file is ready for. Source: include/uapi/asm-generic/poll.h; the values are those of poll(2) and of epoll.</summary>
[Flags]
public enum PollEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>POLLIN: a read would not sleep.</summary>
    In = 0x001,

    /// <summary>POLLPRI: something out of the ordinary has come.</summary>
    Pri = 0x002,

    /// <summary>POLLOUT: a write would not sleep.</summary>
    Out = 0x004,

    /// <summary>POLLERR; reported whether asked for or not.</summary>
    Err = 0x008,

    /// <summary>POLLHUP; reported whether asked for or not.</summary>
    Hup = 0x010,

    /// <summary>POLLRDNORM: comes with <see cref="In"/>.</summary>
    RdNorm = 0x040,

    /// <summary>POLLWRNORM: comes with <see cref="Out"/>.</summary>
    WrNorm = 0x100,
}
