using System.Diagnostics;
using System.Threading;
using RemoteprocEmu.Platform.Doorbells;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Doorbells;

/// <summary>A doorbell of the kernel's, and how long one spins before sleeping on it.</summary>
public class EventFdTests
{
    private const int LongMs = 30_000;

    [Fact]
    public void Rings_add_up_until_they_are_taken()
    {
        using EventFd bell = EventFd.Create();
        Assert.Equal(0, bell.Take());
        bell.Ring();
        bell.Ring();
        Assert.Equal(2, bell.Take());
        Assert.Equal(0, bell.Take());
    }

    [Fact]
    public void A_wait_ends_with_a_ring_or_with_its_time()
    {
        using EventFd bell = EventFd.Create();
        Assert.Equal(0, bell.Wait(timeoutMs: 1));
        bell.Ring();
        Assert.Equal(1, bell.Wait(LongMs));
        Thread ringer = new(() =>
        {
            Thread.Sleep(20);
            bell.Ring();
        });
        ringer.Start();
        Assert.Equal(1, bell.Wait(LongMs));
        ringer.Join();
    }

    [Fact]
    public void A_started_process_gets_a_bell_that_is_inherited_and_no_other()
    {
        using EventFd bell = EventFd.Create();
        Assert.Equal("closed", SeenByChild(bell.Descriptor));
        bell.SetInherited(true);
        Assert.Equal("anon_inode:[eventfd]", SeenByChild(bell.Descriptor));
        bell.SetInherited(false);
        Assert.Equal("closed", SeenByChild(bell.Descriptor));
    }

    [Fact]
    public void A_spin_ends_at_its_bound_and_begins_anew_when_something_was_found()
    {
        AdaptiveSpin spin = new(boundLooks: 100, boundNs: 1);
        Assert.Equal(100, CountLooks(ref spin));
        spin.Found();
        Assert.Equal(100, CountLooks(ref spin));
    }

    [Fact]
    public void Long_sleeps_make_the_spin_shorter_and_short_ones_longer()
    {
        using EventFd bell = EventFd.Create();
        AdaptiveSpin impatient = new(boundLooks: 100, boundNs: 1); // every sleep is longer than twice 1 ns
        Assert.False(impatient.Sleep(bell, timeoutMs: 1));
        Assert.Equal(50, CountLooks(ref impatient));

        AdaptiveSpin patient = new(boundLooks: 100, boundNs: 1_000_000_000); // no sleep of this test is as long
        bell.Ring();
        Assert.True(patient.Sleep(bell, LongMs));
        Assert.Equal(100, CountLooks(ref patient));
        Assert.Equal(1, patient.SleepCount);
    }

    [Fact]
    public void Who_is_not_to_spin_never_does()
    {
        using EventFd bell = EventFd.Create();
        AdaptiveSpin spin = new(boundLooks: 0, boundNs: 1_000_000_000);
        Assert.Equal(0, CountLooks(ref spin));
        bell.Ring();
        Assert.True(spin.Sleep(bell, LongMs));
        Assert.Equal(0, CountLooks(ref spin));
    }

    private static int CountLooks(ref AdaptiveSpin spin)
    {
        int looks = 0;
        while (spin.Next()) looks++;
        return looks;
    }

    private static string SeenByChild(int descriptor)
    {
        ProcessStartInfo info = new("sh") { RedirectStandardOutput = true, UseShellExecute = false };
        info.ArgumentList.Add("-c");
        info.ArgumentList.Add($"readlink /proc/$$/fd/{descriptor} || echo closed");
        using Process child = Process.Start(info)!;
        string seen = child.StandardOutput.ReadToEnd().Trim();
        child.WaitForExit();
        return seen;
    }
}
