using System;
using System.IO;
using RemoteprocEmu.Interop.OpenAmp;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.OpenAmp;

/// <summary>Who plays what on a shared memory; a lock is an open file's, so two of one process are as good as two processes.</summary>
public sealed class LinkLockTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"link-lock-{Environment.ProcessId}");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_role_is_taken_once_and_the_other_is_free()
    {
        using LinkLock? host = LinkLock.TryTake(_path, LinkRole.Host);
        Assert.NotNull(host);
        Assert.Null(LinkLock.TryTake(_path, LinkRole.Host));
        using LinkLock? remote = LinkLock.TryTake(_path, LinkRole.Remote);
        Assert.NotNull(remote);
    }

    [Fact]
    public void A_role_is_free_again_when_its_lock_is_gone()
    {
        LinkLock.TryTake(_path, LinkRole.Host)!.Dispose();
        using LinkLock? again = LinkLock.TryTake(_path, LinkRole.Host);
        Assert.NotNull(again);
    }

    [Fact]
    public void The_file_is_the_users_alone()
    {
        using LinkLock? host = LinkLock.TryTake(_path, LinkRole.Host);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void The_last_who_goes_removes_the_file()
    {
        LinkLock host = LinkLock.TryTake(_path, LinkRole.Host)!;
        LinkLock remote = LinkLock.TryTake(_path, LinkRole.Remote)!;
        host.Dispose();
        LinkLock.RemoveIfUnused(_path);
        Assert.True(File.Exists(_path));
        remote.Dispose();
        LinkLock.RemoveIfUnused(_path);
        Assert.False(File.Exists(_path));
        LinkLock.RemoveIfUnused(_path); // nothing to do
    }

    [Fact]
    public void Who_came_while_the_file_was_removed_sees_that()
    {
        using LinkLock host = LinkLock.TryTake(_path, LinkRole.Host)!;
        Assert.False(host.IsFileGone);
        File.Delete(_path);
        Assert.True(host.IsFileGone);
    }
}
