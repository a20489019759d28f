using System.Linq;
using RemoteprocEmu.Platform.Trace;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Trace;

public class TraceHashTests
{
    private static readonly TraceEvent s_event = new(1_000, 7, TraceKind.Step, "rproc_start", 1, 2);

    [Fact]
    public void Equal_events_in_equal_order_give_equal_hashes()
    {
        Assert.Equal(Hash(s_event, s_event with { A = 9 }), Hash(s_event, s_event with { A = 9 }));
        Assert.NotEqual(Hash(s_event, s_event with { A = 9 }), Hash(s_event with { A = 9 }, s_event));
        Assert.NotEqual(Hash(s_event), Hash(s_event, s_event));
    }

    [Fact]
    public void Every_field_counts()
    {
        TraceEvent[] events =
        [
            s_event, s_event with { TimeNs = 1_001 }, s_event with { TaskId = 8 }, s_event with { Kind = TraceKind.State },
            s_event with { Name = "rproc_stop" }, s_event with { A = 3 }, s_event with { B = 3 }, s_event with { A = 2, B = 1 },
        ];
        Assert.Equal(events.Length, events.Select(one => Hash(one)).Distinct().Count());
    }

    [Fact]
    public void The_hash_of_a_run_is_the_same_on_every_machine_and_runtime() =>
        Assert.Equal((0x30CA746AED4C78CEul, 1L), Hash(s_event)); // worked out apart, from the description of the hash

    private static (ulong Value, long Count) Hash(params TraceEvent[] events)
    {
        TraceHash hash = new();
        foreach (TraceEvent one in events) hash.Emit(in one);
        return (hash.Value, hash.Count);
    }
}
