using Xunit;

namespace RemoteprocEmu.Platform.Tests;

public class ErrnoTests
{
    // Golden numbers: include/uapi/asm-generic/errno-base.h and errno.h, include/linux/errno.h.
    [Theory]
    [InlineData(Errno.Ok, 0, "0")]
    [InlineData(Errno.EPERM, -1, "-EPERM")]
    [InlineData(Errno.ENOENT, -2, "-ENOENT")]
    [InlineData(Errno.EINTR, -4, "-EINTR")]
    [InlineData(Errno.EIO, -5, "-EIO")]
    [InlineData(Errno.ENXIO, -6, "-ENXIO")]
    [InlineData(Errno.EAGAIN, -11, "-EAGAIN")]
    [InlineData(Errno.ENOMEM, -12, "-ENOMEM")]
    [InlineData(Errno.EACCES, -13, "-EACCES")]
    [InlineData(Errno.EFAULT, -14, "-EFAULT")]
    [InlineData(Errno.EBUSY, -16, "-EBUSY")]
    [InlineData(Errno.EEXIST, -17, "-EEXIST")]
    [InlineData(Errno.ENODEV, -19, "-ENODEV")]
    [InlineData(Errno.EINVAL, -22, "-EINVAL")]
    [InlineData(Errno.EFBIG, -27, "-EFBIG")]
    [InlineData(Errno.ENOSPC, -28, "-ENOSPC")]
    [InlineData(Errno.EPIPE, -32, "-EPIPE")]
    [InlineData(Errno.EDEADLK, -35, "-EDEADLK")]
    [InlineData(Errno.ENOSYS, -38, "-ENOSYS")]
    [InlineData(Errno.EOVERFLOW, -75, "-EOVERFLOW")]
    [InlineData(Errno.EMSGSIZE, -90, "-EMSGSIZE")]
    [InlineData(Errno.EOPNOTSUPP, -95, "-EOPNOTSUPP")]
    [InlineData(Errno.ENETRESET, -102, "-ENETRESET")]
    [InlineData(Errno.ETIMEDOUT, -110, "-ETIMEDOUT")]
    [InlineData(Errno.ERESTARTSYS, -512, "-ERESTARTSYS")]
    [InlineData(Errno.EPROBE_DEFER, -517, "-EPROBE_DEFER")]
    [InlineData(Errno.ENOTSUPP, -524, "-ENOTSUPP")]
    public void An_errno_is_written_as_the_kernel_writes_it(Errno errno, int number, string name)
    {
        Assert.Equal(number, errno.Kernel());
        Assert.Equal(name, errno.Name());
    }
}
