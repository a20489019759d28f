namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The numbers below a count that are free, first in, first out: 0, 1, 2 ... at first. Private memory.</summary>
/// <remarks>Where numbers come back in the order in which they were taken, they are taken in that cyclic order for ever.</remarks>
internal sealed class PackedFreeList
{
    private readonly ushort[] _numbers;
    private int _first;

    public PackedFreeList(int count)
    {
        _numbers = new ushort[count];
        Reset();
    }

    /// <summary>How many are free.</summary>
    public int Count { get; private set; }

    /// <summary>All free again, in ascending order.</summary>
    public void Reset()
    {
        for (int index = 0; index < _numbers.Length; index++) _numbers[index] = (ushort)index;
        _first = 0;
        Count = _numbers.Length;
    }

    /// <summary>Takes one. Only while <see cref="Count"/> is not 0.</summary>
    public ushort Take()
    {
        ushort number = _numbers[_first];
        _first = _first + 1 == _numbers.Length ? 0 : _first + 1;
        Count--;
        return number;
    }

    /// <summary>Gives one back that was taken.</summary>
    public void Put(ushort number)
    {
        int behind = _first + Count;
        _numbers[behind < _numbers.Length ? behind : behind - _numbers.Length] = number;
        Count++;
    }
}
