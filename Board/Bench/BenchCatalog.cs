using System.Collections.Generic;
using System.Linq;

namespace RemoteprocEmu.Board.Bench;

/// <summary>What is measured: one thing is varied at a time around 256 buffers, batches of 32, two threads that poll.</summary>
internal static class BenchCatalog
{
    /// <summary>Payloads, bytes: with its header each is a whole number of half cache lines, the last a whole rpmsg buffer.</summary>
    public static readonly int[] Payloads = [16, 64, 112, 240, 496];

    private static readonly BenchLayout[] s_layouts = [BenchLayout.Split, BenchLayout.InOrder, BenchLayout.Packed];
    private static readonly BenchTransport[] s_others =
        [BenchTransport.Channel, BenchTransport.Pipe, BenchTransport.Unix, BenchTransport.Udp];

    private static readonly BenchCase s_spsc = new() { Transport = BenchTransport.Spsc };
    private static readonly BenchCase s_split = new() { Transport = BenchTransport.Rpmsg, Layout = BenchLayout.Split };
    private static readonly BenchCase s_inOrder = s_split with { Layout = BenchLayout.InOrder };
    private static readonly BenchCase[] s_rpmsg = [s_split, s_inOrder];

    /// <summary>What <c>rproc bench</c> measures.</summary>
    public static IReadOnlyList<BenchGroup> All { get; } =
    [
        .. Payloads.Select(Payload),
        .. from payload in (int[])[16, 496] from batch in (int[])[1, 8] select Batch(payload, batch),
        .. from payload in (int[])[16, 496] select Processes(payload),
        .. from payload in (int[])[16, 496] select RoundTrip(payload),
        .. from payload in (int[])[16, 496] select EventFd(payload),
        .. from payload in (int[])[16, 496] from batch in (int[])[1, 32] select OneThread(payload, batch),
        .. Payloads.Select(Others),
        Rates(), RingSizes(), Vdevs(), Endpoints(),
    ];

    /// <summary>RM-40: ring size by payload by batch, with bells. Only for who asks for it by name.</summary>
    public static IReadOnlyList<BenchGroup> Sweep { get; } =
    [
        .. from payload in (int[])[16, 64, 496]
           from batch in (int[])[1, 8, 32]
           select new BenchGroup($"sweep {payload}B b{batch}", s_spsc with { PayloadBytes = payload, Batch = batch },
           [
               .. from ring in (int[])[16, 64, 256]
                  from copies in (bool[])[false, true]
                  select s_split with
                  {
                      PayloadBytes = payload, Batch = batch, Ring = ring, Copies = copies, Wait = BenchWait.EventFd,
                  },
           ]),
    ];

    /// <summary>A case of each kind: to see that it works here.</summary>
    public static IReadOnlyList<BenchGroup> Quick { get; } =
    [
        new BenchGroup("quick 64B", s_spsc with { PayloadBytes = 64 },
        [
            .. Of(64, 32, [
                new BenchCase { Transport = BenchTransport.Ring, Layout = BenchLayout.Split },
                .. s_rpmsg, s_split with { Copies = true }, s_split with { Direction = BenchDirection.ToHost },
                s_split with { Wait = BenchWait.EventFd }, s_split with { Place = BenchPlace.TwoProcesses },
                s_inOrder with { Place = BenchPlace.TwoProcesses, Wait = BenchWait.EventFd },
                s_split with { Place = BenchPlace.OneThread }, s_split with { Endpoints = 10 }, s_split with { Vdevs = 2, Ring = 64 },
                s_split with { OfferedPerSecond = 100_000 }, .. s_others.Select(other => new BenchCase { Transport = other }),
            ]),
        ]),
        new BenchGroup("quick-round-trip 16B", ThereAndBack(s_spsc),
            [ThereAndBack(s_split), ThereAndBack(s_inOrder)]),
    ];

    private static IEnumerable<BenchCase> Of(int payload, int batch, params IEnumerable<BenchCase> cases) =>
        cases.Select(benchCase => benchCase with { PayloadBytes = payload, Batch = batch });

    private static IEnumerable<BenchCase> RawRings() =>
        s_layouts.Select(layout => new BenchCase { Transport = BenchTransport.Ring, Layout = layout });

    private static BenchCase ThereAndBack(BenchCase benchCase) => benchCase with { Direction = BenchDirection.RoundTrip, Batch = 1 };

    private static BenchGroup Payload(int payload) => new($"payload {payload}B", s_spsc with { PayloadBytes = payload },
    [
        .. Of(payload, 32, [.. RawRings(), .. s_rpmsg, s_split with { Copies = true }, s_inOrder with { Copies = true },
            s_split with { Direction = BenchDirection.ToHost }]),
    ]);

    private static BenchGroup Batch(int payload, int batch) => new($"batch {payload}B b{batch}",
        s_spsc with { PayloadBytes = payload, Batch = batch }, [.. Of(payload, batch, s_rpmsg)]);

    private static BenchGroup Processes(int payload) => new($"processes {payload}B", s_spsc with { PayloadBytes = payload },
    [
        .. Of(payload, 32, [s_spsc with { Place = BenchPlace.TwoProcesses }, .. s_rpmsg,
            .. s_rpmsg.Select(benchCase => benchCase with { Place = BenchPlace.TwoProcesses })]),
    ]);

    private static BenchGroup RoundTrip(int payload) => new($"round-trip {payload}B", ThereAndBack(s_spsc) with { PayloadBytes = payload },
    [
        .. Of(payload, 1, new[]
        {
            RawRings(), s_rpmsg, s_rpmsg.Select(benchCase => benchCase with { Place = BenchPlace.TwoProcesses }),
            [s_split with { Wait = BenchWait.EventFd }], s_others.Select(other => new BenchCase { Transport = other }),
        }.SelectMany(cases => cases).Select(ThereAndBack)),
    ]);

    private static BenchGroup EventFd(int payload) => new($"eventfd {payload}B b8", s_spsc with { PayloadBytes = payload, Batch = 8 },
    [
        .. Of(payload, 8, [s_split, s_split with { Wait = BenchWait.EventFd }, s_inOrder, s_inOrder with { Wait = BenchWait.EventFd },
            s_inOrder with { Wait = BenchWait.EventFd, Place = BenchPlace.TwoProcesses }]),
    ]);

    private static BenchGroup OneThread(int payload, int batch) => new($"one-thread {payload}B b{batch}",
        s_spsc with { PayloadBytes = payload, Batch = batch, Place = BenchPlace.OneThread },
        [.. Of(payload, batch, [.. RawRings(), .. s_rpmsg]).Select(benchCase => benchCase with { Place = BenchPlace.OneThread })]);

    private static BenchGroup Others(int payload) => new($"others {payload}B", s_spsc with { PayloadBytes = payload },
        [.. Of(payload, 32, [s_split, .. s_others.Select(other => new BenchCase { Transport = other })])]);

    private static BenchGroup Rates() => new("rates 64B", null,
    [
        .. from benchCase in (BenchCase[])[s_split, s_inOrder, s_split with { Wait = BenchWait.EventFd }]
           from rate in (int[])[10_000, 100_000, 1_000_000, 3_000_000, 10_000_000, 20_000_000]
           select benchCase with { PayloadBytes = 64, OfferedPerSecond = rate },
    ]);

    private static BenchGroup RingSizes() => new("ring-sizes 64B", null,
    [
        .. from benchCase in (BenchCase[])[s_spsc, s_split, s_inOrder]
           from ring in (int[])[16, 64, 256]
           select benchCase with { PayloadBytes = 64, Ring = ring, Batch = 8 },
    ]);

    private static BenchGroup Vdevs() => new("vdevs 16B", null,
    [
        .. from benchCase in (BenchCase[])[s_split, s_inOrder]
           from vdevs in (int[])[1, 2, 4, 8]
           select benchCase with { Vdevs = vdevs, Ring = 64 },
    ]);

    private static BenchGroup Endpoints() => new("endpoints 16B", null,
    [
        .. from benchCase in (BenchCase[])[s_split, s_inOrder]
           from endpoints in (int[])[1, 10, 100, 1000]
           select benchCase with { Endpoints = endpoints },
    ]);
}
