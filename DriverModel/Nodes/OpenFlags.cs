using System;

namespace RemoteprocEmu.DriverModel.Nodes;

/// <summary>How a node is opened. Source: include/uapi/asm-generic/fcntl.h.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>O_RDONLY.</summary>
    ReadOnly = 0,

    /// <summary>O_WRONLY.</summary>
    WriteOnly = 1,

    /// <summary>O_RDWR.</summary>
    ReadWrite = 2,

    /// <summary>O_NONBLOCK: EAGAIN instead of a sleep.</summary>
    NonBlock = 0x800,
}
