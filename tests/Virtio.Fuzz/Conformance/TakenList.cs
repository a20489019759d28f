namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>The chains that the run has taken and not returned, roughly in the order of taking.</summary>
/// <param name="capacity">At most so many.</param>
public sealed class TakenList(int capacity)
{
    private readonly (int Tested, int Model, uint WritableBytes)[] _items = new (int Tested, int Model, uint WritableBytes)[capacity];
    private int _first;

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(int tested, int model, uint writableBytes) => _items[(_first + Count++) % capacity] = (tested, model, writableBytes);

    /// <summary>Takes one out; the oldest steps into its place.</summary>
    public (int Tested, int Model, uint WritableBytes) TakeOut(int which)
    {
        int place = (_first + which) % capacity;
        (int Tested, int Model, uint WritableBytes) item = _items[place];
        _items[place] = _items[_first];
        _first = (_first + 1) % capacity;
        Count--;
        return item;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => Count = 0;
}
