using System;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Minimise;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Explorer.Explain.Table;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public class InterleavingTests
{
    [Fact]
    public void Late_publication_is_a_table_as_in_a_commit_message()
    {
        using ToySubject subject = Toys.LatePublication(bystanders: 5);
        string text = Of(subject, Toys.UnpublishedId).ToText();
        Assert.Equal(
            """
            CPU0               CPU1                      remote
            main               kworker/vdev1             remoteproc0

            rproc_boot()
            rproc_ops_start()
                                                         reads the table
                                                           reads vdev1 vring0 da
                                                           BUG: vring0 unpublished
                               rproc_virtio_find_vqs()
                               rp_find_vq()
                                 writes vdev1 vring0 da

            """, text);
    }

    [Fact]
    public void A_deadlock_shows_what_each_holds_and_where_it_sleeps()
    {
        using ToySubject subject = Toys.LockInversion();
        string text = Of(subject, "Deadlock: A and B").ToText();
        Assert.Equal(
            """
            CPU0                    CPU1
            rmmod                   insmod

            begins
              mutex_lock(B)
                                    begins
                                      mutex_lock(A)
                                    has one
                                      mutex_lock(B) sleeps
            has one
              mutex_lock(A) sleeps

            """, text);
    }

    [Theory]
    [InlineData(75)]
    [InlineData(60)]
    public void No_line_is_too_long_and_there_are_about_ten(int width)
    {
        foreach ((ToySubject subject, string id) in new[]
        {
            (Toys.LatePublication(bystanders: 9), Toys.UnpublishedId), (Toys.LockInversion(), "Deadlock: A and B"),
            (Toys.FaultAndPreemption(), "Leak: flag"),
        })
        {
            Interleaving table = Of(subject, id);
            Assert.All(table.ToText(width).Split('\n'), line => Assert.InRange(line.Length, 0, width));
            Assert.InRange(table.Rows.Count, 3, 14);
            Assert.Contains(table.Rows, row => row.IsFatal);
            subject.Dispose();
        }
    }

    [Fact]
    public void What_does_not_fit_goes_on_in_the_next_line()
    {
        Interleaving table = new(["CPU0", "remote"], ["", ""],
            [
                new InterleavingRow(0, 1, "writes " + new string('x', 60), 1, false),
                new InterleavingRow(1, 0, "one two three four five six seven", 2, true),
            ]);
        string[] lines = table.ToText(40).TrimEnd('\n').Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 40));
        Assert.Equal(60, lines.Sum(line => line.Count(c => c == 'x') - (line.Contains("six", StringComparison.Ordinal) ? 1 : 0)));
    }

    private static Interleaving Of(ToySubject subject, string id)
    {
        int[] picks = AnySchedule.ThatFinds(subject, id);
        Recording run = Recorder.Record(subject, Minimiser.Minimise(subject, picks, id)!.Picks);
        Finding finding = run.Find(id)!;
        CausalOrder order = new(run);
        return InterleavingBuilder.Build(run, order, finding, RaceFinder.Find(run, order, finding));
    }
}
