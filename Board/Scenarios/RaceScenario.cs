using System;
using System.Globalization;
using System.Linq;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>The multi-vdev race for any number of vdevs: scenarios like RP-06, RP-07 and RP-08, made to measure.</summary>
/// <remarks>
/// <c>race-2-first</c>: two vdevs, and their driver is loaded before the processor's; <c>race-8-later</c>: eight, and after;
/// <c>race-2-together</c>: both at the same time; <c>race-2-first-waits</c>: with firmware that waits for DRIVER_OK. Two are rpmsg vdevs,
/// any other number are network vdevs, as in the discussion of 2016.
/// </remarks>
public static class RaceScenario
{
    /// <summary>The fewest vdevs that race.</summary>
    public const int VdevsMin = 2;

    /// <summary>As many vdevs as are looked at.</summary>
    public const int VdevsMax = 16;

    private const string Prefix = "race";
    private const string Waits = "waits";

    /// <summary>The name of one of them.</summary>
    /// <param name="vdevCount">Vdevs.</param>
    /// <param name="loading">When their driver is loaded.</param>
    /// <param name="waits">Whether the firmware waits for DRIVER_OK.</param>
    public static string NameOf(int vdevCount, RaceLoading loading, bool waits = false) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{vdevCount}-{Word(loading)}{(waits ? "-" + Waits : "")}");

    /// <summary>The module of the vdevs' driver.</summary>
    public static string DriverOf(int vdevCount) => vdevCount == 2 ? "virtio_rpmsg_bus" : "virtio_net";

    /// <summary>The sample image that has so many vdevs; empty where one is made.</summary>
    public static string ImageOf(int vdevCount) => vdevCount switch { 2 => "rpmsg-two-vdevs", 8 => "net-eight", _ => "" };

    /// <summary>The text of the scenario of a name.</summary>
    /// <returns>Null when it is no such name.</returns>
    internal static string? TextOf(string name)
    {
        if (!name.StartsWith(Prefix + "-", StringComparison.Ordinal)) return null;
        for (int count = VdevsMin; count <= VdevsMax; count++)
        {
            foreach (RaceLoading loading in Enum.GetValues<RaceLoading>())
            {
                foreach (bool waits in (bool[])[false, true])
                {
                    if (NameOf(count, loading, waits) == name) return TextOf(name, count, loading, waits);
                }
            }
        }

        return null;
    }

    private static string Word(RaceLoading loading) =>
        loading switch { RaceLoading.First => "first", RaceLoading.Later => "later", _ => "together" };

    private static string TextOf(string name, int count, RaceLoading loading, bool waits)
    {
        string image = ImageOf(count);
        string vdevs = string.Join(", ", Enumerable.Repeat("{id: 1, vrings: [16 align 16, 16 align 16]}", count));
        string what = image.Length > 0 ? $"image: {image}" : $"vdevs: [{vdevs}]";
        string load = $"- modprobe {DriverOf(count)}: ok\n";
        string before = loading == RaceLoading.First ? $"before:\n  {load}" : "";
        string after = loading switch
        {
            RaceLoading.Later => $"    - settle\n    {load}",
            RaceLoading.Together => $"  bus:\n    {load}",
            _ => "",
        };
        string unpublished = waits ? "" : "    - Memory: vdev* vring* unpublished\n";
        string a = waits ? "" : $"  A:\n{unpublished}";
        string b = $"  B:\n{(loading == RaceLoading.First ? "" : unpublished)}    - Removability: emu_rproc cannot be removed\n";
        string d = waits ? "" : $"  D:\n{unpublished}";
        string looks = waits ? "waits for DRIVER_OK before it looks for its rings" : "looks for its rings at its first instruction";
        return $"""
            name: {name}
            title: {count} vdevs, and their driver is loaded {Word(loading)}
            why: >
              The firmware {looks}. Are they there?
            processors:
              mcu:
                {what}
                program: {(waits ? "echo" : "early-reader")}
            eras: [A, B, C, D, Emu]
            {before}actors:
              driver:
                - modprobe emu_rproc: ok
            {after}findings:
            {a}{b}{d}
            """;
    }
}
