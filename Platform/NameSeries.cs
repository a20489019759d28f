using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.Threading;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Platform;

/// <summary>Names that differ in one place, a number or another name: <c>vdev0 table entry</c>, <c>children of virtio1</c>.</summary>
/// <remarks>
/// A machine that is run again gives its devices, locks and queues the same names again; here each is put together once. For any thread.
/// </remarks>
/// <param name="before">What stands before the place.</param>
/// <param name="after">What stands after it.</param>
public sealed class NameSeries(string before, string after)
{
    private const int KeptMax = 1024; // of each kind: names that never come back are not to fill the memory

    private readonly ConcurrentDictionary<string, string> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ulong, string> _byAddress = new();
    private string?[] _byNumber = [];
    private int _nameCount;

    /// <summary>The name with a number in its place; negative ones with their sign.</summary>
    public string this[int number]
    {
        get
        {
            string?[] known = Volatile.Read(ref _byNumber);
            return (uint)number < (uint)known.Length && known[number] is { } name ? name : Make(number);
        }
    }

    /// <summary>The name with another in its place.</summary>
    public string this[string name] => _byName.TryGetValue(name, out string? made) ? made : Make(name);

    /// <summary>The name with an address in its place.</summary>
    public string this[DeviceAddress address] => _byAddress.TryGetValue(address.Value, out string? made) ? made : Make(address);

    private string Make(int number)
    {
        string made = string.Create(CultureInfo.InvariantCulture, $"{before}{number}{after}");
        if ((uint)number >= KeptMax) return made;
        string?[] known = Volatile.Read(ref _byNumber);
        if (number >= known.Length) Array.Resize(ref known, number + 8);
        known[number] = made;
        Volatile.Write(ref _byNumber, known); // of two that grow it at once one is forgotten, and made again
        return made;
    }

    private string Make(string name)
    {
        string made = before + name + after;
        return Interlocked.Increment(ref _nameCount) <= KeptMax ? _byName.GetOrAdd(name, made) : made;
    }

    private string Make(DeviceAddress address)
    {
        string made = before + address + after;
        return Interlocked.Increment(ref _nameCount) <= KeptMax ? _byAddress.GetOrAdd(address.Value, made) : made;
    }
}
