using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>The hostile peer: writes garbage and plausible lies into shared words, and watches what the attacked half touches.</summary>
public sealed class Liar
{
    private const int Noise = 8; // in so many lies, one is any byte anywhere

    [ThreadStatic] private static Liar? s_current;

    private readonly QueueCase _queue;
    private readonly QueueMemory _memory;
    private readonly nint _start;
    private readonly int _accessesMax;
    private SeededChoices _choices = new(0);
    private QueueHalf _half;
    private int _patience; // one load in so many is preceded by a lie; 0 for none
    private int _accesses;
    private int _slot; // the descriptor or entry looked at last

    /// <summary>Makes the peer of a queue.</summary>
    public unsafe Liar(QueueCase queue, QueueMemory memory)
    {
        _queue = queue;
        _memory = memory;
        _start = (nint)Unsafe.AsPointer(ref memory.Bytes[0]); // SAFETY: the region is unmanaged and does not move
        _accessesMax = (8 * queue.QueueSize) + 512; // a chain through all descriptors, or a batch of chains
    }

    /// <summary>Who watches this thread.</summary>
    public static Liar Current => s_current!;

    /// <summary>Words written so far.</summary>
    public long Words { get; private set; }

    /// <summary>Begins an episode.</summary>
    /// <param name="choices">Decides everything.</param>
    /// <param name="patience">One load in so many is preceded by a lie; 0: it lies only between calls.</param>
    public void Begin(SeededChoices choices, int patience)
    {
        s_current = this;
        _choices = choices;
        _patience = patience;
        _slot = 0;
    }

    /// <summary>A call of this half begins.</summary>
    public void Attack(QueueHalf half)
    {
        _half = half;
        _accesses = 0;
    }

    /// <summary>The half is about to load.</summary>
    public void BeforeLoad(nint address, int lengthBytes)
    {
        int offset = Check(address, lengthBytes, isStore: false);
        if (Within(offset, _memory.DescriptorArea, _memory.DescriptorAreaBytes))
            _slot = (offset - _memory.DescriptorArea) / QueueMemory.DescriptorBytes;
        if (_patience == 0 || _choices.Pick(_patience) != 0) return;
        if (_choices.Pick(2) == 0) Lie();
        else Overwrite(offset, lengthBytes);
    }

    /// <summary>The half is about to store.</summary>
    public void BeforeStore(nint address, int lengthBytes) => _ = Check(address, lengthBytes, isStore: true);

    /// <summary>Writes something that the half might believe.</summary>
    public void Lie()
    {
        if (_choices.Pick(Noise) == 0)
        {
            _memory.Bytes[_choices.Pick(_memory.Bytes.Length)] = (byte)_choices.NextBits();
            Words++;
        }
        else if (_queue.IsPacked)
        {
            LieAboutPacked();
        }
        else if (_half == QueueHalf.Device)
        {
            LieAsSplitDriver();
        }
        else
        {
            LieAsSplitDevice();
        }
    }

    private int Check(nint address, int lengthBytes, bool isStore)
    {
        if (++_accesses > _accessesMax) throw new DamageException($"more than {_accessesMax} accesses in one call");
        long offset = address - _start;
        bool isDriver = _half == QueueHalf.Driver;
        bool isInDescriptors = Within(offset, _memory.DescriptorArea, _memory.DescriptorAreaBytes, lengthBytes);
        bool isInDriverArea = Within(offset, _memory.DriverArea, _memory.DriverAreaBytes, lengthBytes);
        bool isInDeviceArea = Within(offset, _memory.DeviceArea, _memory.DeviceAreaBytes, lengthBytes);
        bool isInTables = Within(offset, _memory.TableArea, _memory.Bytes.Length - _memory.TableArea, lengthBytes);
        bool isOwn = isDriver ? isInDescriptors || isInDriverArea || isInTables : isInDeviceArea || (isInDescriptors && _queue.IsPacked);
        bool isAny = isInDescriptors || isInDriverArea || isInDeviceArea || isInTables;
        string verb = isStore ? "stores" : "loads";
        if (isStore ? !isOwn : !isAny) throw new DamageException($"{_half} {verb} {lengthBytes} bytes at {offset}");
        return (int)offset;
    }

    /// <summary>What is about to be loaded becomes another thing.</summary>
    private void Overwrite(int offset, int lengthBytes)
    {
        Span<byte> cell = _memory.Bytes.Slice(offset, lengthBytes);
        for (int at = 0; at < cell.Length; at += 2)
        {
            ushort value = _choices.Pick(4) switch
            {
                0 => (ushort)_choices.NextBits(),
                1 => (ushort)_choices.Pick(_queue.QueueSize + 2),
                2 => (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(cell[at..]) + _choices.Pick(5) - 2),
                _ => (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(cell[at..]) ^ (1 << _choices.Pick(16))),
            };
            Set(offset + at, value);
        }
    }

    private void LieAsSplitDriver()
    {
        int n = _queue.QueueSize;
        switch (_choices.Pick(8))
        {
            case 0 or 1: Set(_memory.DriverArea + 2, Near(_memory.Word(_memory.DriverArea + 2))); break;
            case 2: Set(_memory.DriverArea + 4 + (2 * _choices.Pick(n)), Number()); break;
            case 3: Set(_memory.DriverArea + (_choices.Pick(2) == 0 ? 0 : 4 + (2 * n)), Number()); break;
            case 4: SetSplitDescriptor(EntryOfTable(), QueueMemory.TableEntries / 2); break;
            default:
                int slot = _choices.Pick(3) == 0 ? _slot : _choices.Pick(n);
                SetSplitDescriptor(_memory.DescriptorArea + (QueueMemory.DescriptorBytes * slot), n);
                break;
        }
    }

    private void LieAsSplitDevice()
    {
        int n = _queue.QueueSize;
        switch (_choices.Pick(4))
        {
            case 0: Set(_memory.DeviceArea + 2, Near(_memory.Word(_memory.DeviceArea + 2))); break;
            case 1: Set(_memory.DeviceArea + (_choices.Pick(2) == 0 ? 0 : 4 + (8 * n)), Number()); break;
            default:
                int entry = _memory.DeviceArea + 4 + (8 * _choices.Pick(n));
                Set(entry, Number());
                Set(entry + 2, (ushort)(_choices.Pick(8) == 0 ? _choices.NextBits() : 0));
                Set(entry + 4, Number());
                break;
        }
    }

    private void LieAboutPacked()
    {
        int n = _queue.QueueSize;
        if (_choices.Pick(6) == 0)
        {
            int structure = _half == QueueHalf.Driver ? _memory.DeviceArea : _memory.DriverArea;
            Set(structure, (ushort)(Number() | (_choices.Pick(2) << 15)));
            Set(structure + 2, (ushort)(_choices.Pick(8) == 0 ? _choices.NextBits() : (ulong)_choices.Pick(4)));
            return;
        }

        if (_half == QueueHalf.Device && _choices.Pick(8) == 0)
        {
            SetPackedDescriptor(EntryOfTable());
            return;
        }

        int slot = _choices.Pick(3) == 0 ? _choices.Pick(n) : (_slot + _choices.Pick(3)) % n;
        SetPackedDescriptor(_memory.DescriptorArea + (QueueMemory.DescriptorBytes * slot));
    }

    private void SetSplitDescriptor(int offset, int count)
    {
        SetAddressAndLength(offset);
        Set(offset + 12, Flags());
        Set(offset + 14, _choices.Pick(2) == 0 ? Number() : (ushort)_choices.Pick(count + 1));
    }

    private void SetPackedDescriptor(int offset)
    {
        const int Avail = 0x80, Used = 0x8000;
        int marks = _choices.Pick(6) switch { 0 => 0, 1 or 2 => Avail, 3 or 4 => Used, _ => Avail | Used };
        if (_half == QueueHalf.Driver && _choices.Pick(2) == 0) marks = _choices.Pick(2) == 0 ? 0 : Avail | Used; // they say used
        if (_half == QueueHalf.Device) SetAddressAndLength(offset);
        Set(offset + 12, Number());
        Set(offset + 14, (ushort)(Flags() | marks));
    }

    private int EntryOfTable() => _memory.TableArea + (QueueMemory.DescriptorBytes * _choices.Pick(QueueMemory.TableEntries));

    private void SetAddressAndLength(int offset)
    {
        ulong address = _choices.Pick(4) == 0
            ? _choices.NextBits()
            : QueueMemory.AddressOfTable(_choices.Pick(QueueMemory.TableCount + 1)) + (ulong)(8 * _choices.Pick(8));
        uint lengthBytes = _choices.Pick(8) switch
        {
            0 => (uint)_choices.NextBits(),
            1 => 0,
            2 => uint.MaxValue & ~15u,
            3 => (uint)_choices.Pick(256),
            _ => (uint)(QueueMemory.DescriptorBytes * (1 + _choices.Pick(QueueMemory.TableEntries + 2))),
        };
        Set(offset, (ushort)address);
        Set(offset + 2, (ushort)(address >> 16));
        Set(offset + 4, (ushort)(address >> 32));
        Set(offset + 6, (ushort)(address >> 48));
        Set(offset + 8, (ushort)lengthBytes);
        Set(offset + 10, (ushort)(lengthBytes >> 16));
    }

    /// <summary>NEXT, WRITE and INDIRECT, and now and then what means nothing.</summary>
    private ushort Flags() => (ushort)(_choices.Pick(16) == 0 ? _choices.NextBits() : _choices.Pick(3) == 0 ? 0 : (ulong)_choices.Pick(8));

    /// <summary>A descriptor, an id or an index, near the edge or far off.</summary>
    private ushort Number() => (ushort)(_choices.Pick(8) == 0 ? _choices.NextBits() : (ulong)_choices.Pick(_queue.QueueSize + 2));

    /// <summary>An index that has moved a little, or by a turn, or anyhow.</summary>
    private ushort Near(ushort index) => (ushort)(_choices.Pick(8) switch
    {
        0 => (int)(_choices.NextBits() & ushort.MaxValue),
        1 => index + _queue.QueueSize,
        2 => index + _queue.QueueSize + 1,
        3 => index - 1,
        _ => index + 1,
    });

    private void Set(int offset, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_memory.Bytes[offset..], value);
        Words++;
    }

    private static bool Within(long offset, int start, int areaBytes, int lengthBytes = 1) =>
        offset >= start && offset + lengthBytes <= start + (long)areaBytes;
}
