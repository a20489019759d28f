using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Platform.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Interop.Tests.VhostUser;

/// <summary>A front end that says anything: in any order, of any size, with any descriptors, in memory that shrinks.</summary>
/// <remarks>
/// RPROC_FUZZ_SECONDS=600 dotnet test tests/Interop.Tests --filter FuzzTests: for as long. RPROC_FUZZ_SEED: from this seed on.
/// </remarks>
[Collection(nameof(AloneCollection))] // it counts the process' descriptors
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int StepsMax = 60;

    [Fact]
    public void Whatever_a_front_end_does_nothing_leaks_and_the_next_one_is_served()
    {
        double seconds = Number("RPROC_FUZZ_SECONDS", 2);
        ulong seed = (ulong)Number("RPROC_FUZZ_SEED", 1);
        using BackEnd backEnd = new();
        ServeOne(backEnd); // whatever is made once is made
        string descriptors = Descriptors();
        int mappings = MappingCount();
        int[] ends = new int[Enum.GetValues<VhostUserFault>().Length];
        int sessions = 0;
        for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < seconds; sessions++)
        {
            Misbehave(backEnd, new SeededChoices(seed + (ulong)sessions));
            ends[(int)backEnd.Ended]++;
            Assert.True(descriptors == Descriptors(), $"seed {seed + (ulong)sessions}: before\n{descriptors}after\n{Descriptors()}");
            Assert.True(mappings == MappingCount(), $"seed {seed + (ulong)sessions}: a mapping more or less");
            if (sessions % 16 == 0) ServeOne(backEnd);
        }

        ServeOne(backEnd);
        output.WriteLine($"{sessions} sessions: " + string.Join(", ",
            Enum.GetValues<VhostUserFault>().Where(fault => ends[(int)fault] > 0).Select(fault => $"{fault} {ends[(int)fault]}")));
        Assert.True(ends.Count(count => count > 0) >= 5, "the ends are too much alike: the fuzzer does not fuzz");
    }

    private static double Number(string variable, double otherwise) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out double number) ? number : otherwise;

    /// <summary>What the process has open, a line each, of the kinds that a session could leave: the runtime has its own comings and
    /// goings.</summary>
    private static string Descriptors()
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string path in Directory.GetFiles("/proc/self/fd"))
        {
            string target = new FileInfo(path).LinkTarget ?? "";
            if (target.StartsWith("socket:", StringComparison.Ordinal)) target = "socket";
            bool isOfASession = target is "socket" or "anon_inode:[eventfd]" or "/dev/null" ||
                target.Contains(Guest.Name, StringComparison.Ordinal);
            if (isOfASession) counts[target] = counts.GetValueOrDefault(target) + 1;
        }

        return string.Concat(counts.Select(pair => $"  {pair.Value} {pair.Key}\n"));
    }

    private static int MappingCount() =>
        File.ReadLines("/proc/self/maps").Count(line => line.Contains(Guest.Name, StringComparison.Ordinal));

    /// <summary>A front end that does all as it should.</summary>
    private static void ServeOne(BackEnd backEnd)
    {
        using Guest guest = new();
        using FrontEnd frontEnd = backEnd.Connect();
        guest.Start(frontEnd);
        backEnd.Turn();
        Assert.Equal("echo", Encoding.ASCII.GetString(guest.Receive()!, 0, 4));
        guest.Send(0, 0x400, [1, 2, 3]);
        backEnd.Turn();
        Assert.Equal([1, 2, 3], guest.Receive());
        frontEnd.Dispose();
        backEnd.Turn();
        Assert.Equal(VhostUserFault.PeerClosed, backEnd.Ended);
    }

    private static void Misbehave(BackEnd backEnd, SeededChoices dice)
    {
        using Guest guest = new();
        using FrontEnd frontEnd = backEnd.Connect();
        if (dice.Pick(4) != 0) _ = frontEnd.Send(VhostUserRequest.SetProtocolFeatures, 0x12228ul);
        if (dice.Pick(3) != 0) guest.Start(frontEnd);
        int steps = 1 + dice.Pick(StepsMax);
        for (int i = 0; i < steps && backEnd.Ended == VhostUserFault.None; i++)
        {
            switch (dice.Pick(8))
            {
                case 0:
                    Scribble(guest, dice);
                    break;
                case 1 when TruncationGuard.IsOn && dice.Pick(4) == 0:
                    guest.Truncate(dice.Pick(17) * 4096L);
                    break;
                case 2:
                    guest.Kick(dice.Pick(2));
                    break;
                case 3 when dice.Pick(10) == 0:
                    _ = frontEnd.Socket.Send(Bytes(dice, 1 + dice.Pick(64)));
                    break;
                default:
                    SendAnything(frontEnd, guest, dice);
                    break;
            }

            if (dice.Pick(3) != 0) backEnd.Turn();
        }

        frontEnd.Dispose();
        for (int i = 0; i < 8 && backEnd.Ended == VhostUserFault.None; i++) backEnd.Turn();
        Assert.NotEqual(VhostUserFault.None, backEnd.Ended);
    }

    /// <summary>Another processor writes what it likes into rings and buffers.</summary>
    private static void Scribble(Guest guest, SeededChoices dice)
    {
        if (guest.IsTruncated) return; // it would be us who touches what is gone
        Span<byte> bytes = guest.Bytes;
        for (int i = 1 + dice.Pick(8); i > 0; i--)
        {
            int at = (dice.Pick(2) * 0x8000) + (dice.Pick(3) * 0x1000) + (dice.Pick(64) * 2);
            ushort value = dice.Pick(4) switch { 0 => 0, 1 => ushort.MaxValue, 2 => (ushort)dice.Pick(64), _ => (ushort)dice.Pick(65536) };
            MemoryMarshal.Write(bytes[at..], in value);
        }
    }

    private static void SendAnything(FrontEnd frontEnd, Guest guest, SeededChoices dice)
    {
        uint request = (uint)dice.Pick(45);
        uint flags = 1u | (dice.Pick(12) != 0 ? 8u : 0u) | (dice.Pick(100) == 0 ? 4u : 0u);
        int length = dice.Pick(6) switch { 0 => 0, 1 => 40, 2 => dice.Pick(300), 3 => 8 + (32 * dice.Pick(9)), _ => 8 };
        byte[] payload = Bytes(dice, length);
        if (length >= 8 && dice.Pick(4) != 0)
        {
            BitConverter.TryWriteBytes(payload, (uint)dice.Pick(3));
            BitConverter.TryWriteBytes(payload.AsSpan(4), dice.Pick(3) == 0 ? 0u : (uint)(1 << dice.Pick(17)));
        }

        if (request == (uint)VhostUserRequest.SetMemTable && length >= 40 && dice.Pick(2) == 0)
        {
            BitConverter.TryWriteBytes(payload, 1u);
            (guest.Region with { SizeBytes = (ulong)(1 + dice.Pick(20)) * 4096 }).Write(payload.AsSpan(8));
        }

        using SafeFileHandle memory = guest.OpenDescriptor();
        using NotifyDescriptor bell = NotifyDescriptor.Create();
        using SafeFileHandle folder = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        SafeFileHandle[] descriptors = new SafeFileHandle[dice.Pick(4) == 0 ? dice.Pick(12) : dice.Pick(2)];
        for (int i = 0; i < descriptors.Length; i++)
            descriptors[i] = dice.Pick(4) switch { 0 => bell.Handle, 1 => folder, _ => memory };
        _ = frontEnd.SendRaw(new VhostUserHeader(request, flags, (uint)payload.Length), payload, descriptors);
    }

    private static byte[] Bytes(SeededChoices dice, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = (byte)dice.Pick(256);
        return bytes;
    }
}
