namespace RemoteprocEmu.Platform;

/// <summary>The kernel's error numbers, as positive values; a kernel function's <c>-EINVAL</c> is <see cref="EINVAL"/> here.</summary>
/// <remarks>
/// <see cref="ErrnoText.Kernel"/> prints them the kernel's way (<c>-22</c>).
/// Source: include/uapi/asm-generic/errno-base.h, errno.h; include/linux/errno.h for those from 512 on.
/// </remarks>
public enum Errno
{
    /// <summary>Success.</summary>
    Ok = 0,
    /// <summary>Operation not permitted.</summary>
    EPERM = 1,
    /// <summary>No such file or directory.</summary>
    ENOENT = 2,
    /// <summary>Interrupted system call.</summary>
    EINTR = 4,
    /// <summary>I/O error.</summary>
    EIO = 5,
    /// <summary>No such device or address.</summary>
    ENXIO = 6,
    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,
    /// <summary>Try again; EWOULDBLOCK is the same number.</summary>
    EAGAIN = 11,
    /// <summary>Out of memory.</summary>
    ENOMEM = 12,
    /// <summary>Permission denied.</summary>
    EACCES = 13,
    /// <summary>Bad address.</summary>
    EFAULT = 14,
    /// <summary>Device or resource busy.</summary>
    EBUSY = 16,
    /// <summary>File exists.</summary>
    EEXIST = 17,
    /// <summary>No such device.</summary>
    ENODEV = 19,
    /// <summary>Invalid argument.</summary>
    EINVAL = 22,
    /// <summary>Inappropriate ioctl for device.</summary>
    ENOTTY = 25,
    /// <summary>File too large.</summary>
    EFBIG = 27,
    /// <summary>No space left on device.</summary>
    ENOSPC = 28,
    /// <summary>Broken pipe.</summary>
    EPIPE = 32,
    /// <summary>Deadlock would occur.</summary>
    EDEADLK = 35,
    /// <summary>Function not implemented.</summary>
    ENOSYS = 38,
    /// <summary>Value too large for defined data type.</summary>
    EOVERFLOW = 75,
    /// <summary>Message too long.</summary>
    EMSGSIZE = 90,
    /// <summary>Operation not supported.</summary>
    EOPNOTSUPP = 95,
    /// <summary>Network is down.</summary>
    ENETDOWN = 100,
    /// <summary>Connection dropped because of reset.</summary>
    ENETRESET = 102,
    /// <summary>No buffer space available.</summary>
    ENOBUFS = 105,
    /// <summary>Connection timed out.</summary>
    ETIMEDOUT = 110,
    /// <summary>Restart the system call (kernel-internal).</summary>
    ERESTARTSYS = 512,
    /// <summary>Driver requests probe retry (kernel-internal).</summary>
    EPROBE_DEFER = 517,
    /// <summary>Operation is not supported (kernel-internal).</summary>
    ENOTSUPP = 524,
}

/// <summary>How errors are written.</summary>
public static class ErrnoText
{
    /// <summary>The number a kernel function would return and a kernel log would print: 0 or negative.</summary>
    public static int Kernel(this Errno errno) => -(int)errno;

    /// <summary>The name with its sign, as one says it: <c>-EINVAL</c>, or <c>0</c>.</summary>
    public static string Name(this Errno errno) => errno == Errno.Ok ? "0" : "-" + errno;
}
