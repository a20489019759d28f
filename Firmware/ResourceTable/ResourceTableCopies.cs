using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>The three copies of a processor's resource table and which of them is in effect: cached_table, the loaded table, clean_table,
/// table_ptr.</summary>
/// <remarks>
/// <code>
/// copy     where                 from                        to
/// cached   host heap             CacheFromFirmware, or a     Drop
///                                copy of the loaded table
/// loaded   the remote's memory   UseLoaded, UseAttached      BackToCached..., Drop (the memory is not ours)
/// clean    host heap             UseAttached(keepClean)      BackToCachedForStop, BackToCachedForDetach, Drop
///
/// boot:    CacheFromFirmware -> InEffect is cached -> UseLoaded -> InEffect is loaded -> BackToCachedForStop -> cached -> Drop
/// recover: BackToCachedForStop -> UseLoaded again, same cached bytes
/// attach:  UseAttached -> InEffect is the live table -> BackToCachedForDetach (live restored) or BackToCachedForStop -> Drop
/// </code>
/// What is written before <see cref="UseLoaded"/> the remote sees at its first instruction; what is written after goes to its memory
/// directly. Not safe for several tasks at once: the processor's lock guards it. Source: drivers/remoteproc/remoteproc_core.c, rproc_start,
/// rproc_set_rsc_table, rproc_reset_rsc_table_on_stop, rproc_reset_rsc_table_on_detach; remoteproc_elf_loader.c, rproc_elf_load_rsc_table.
/// </remarks>
/// <param name="tablePointer">Stands for table_ptr and what it points to in a search of schedules; null where nobody searches.</param>
public sealed class ResourceTableCopies(SharedState? tablePointer = null)
{
    private byte[]? _cached;
    private byte[]? _clean;
    private Memory<byte> _placed; // the loaded table between CopyToLoaded and SwitchToLoaded
    private Memory<byte> _inEffect;

    /// <summary>Whether there is a table: table_ptr is not NULL.</summary>
    public bool HasTable
    {
        get
        {
            tablePointer?.Read();
            return field;
        }
        private set
        {
            tablePointer?.Write();
            field = value;
        }
    }

    /// <summary>table_ptr: the table that all reads and writes go to. Empty without a table.</summary>
    public Memory<byte> InEffect
    {
        get
        {
            tablePointer?.Read();
            return _inEffect;
        }
    }

    /// <summary>table_sz, bytes; 0 without a table.</summary>
    public int SizeBytes => _inEffect.Length;

    /// <summary>Whether the table in effect is the remote's own, so that it sees each write.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Whether the cached copy exists: the table came from a firmware file, or was copied back from the remote.</summary>
    public bool HasCached => _cached is not null;

    /// <summary>Whether the clean copy exists.</summary>
    public bool HasClean => _clean is not null;

    /// <summary>The cached copy, for a look; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Cached => _cached;

    /// <summary>The clean copy, for a look; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Clean => _clean;

    /// <summary>Boot, parse_fw: copies the firmware's table; the copy is in effect.</summary>
    /// <param name="table">The section's bytes, already judged.</param>
    public void CacheFromFirmware(ReadOnlySpan<byte> table)
    {
        if (HasTable) throw new InvalidOperationException("a table is in effect already: Drop it first");
        _cached = table.ToArray();
        UseCached();
    }

    /// <summary>Start, after the segments are loaded: copies the cached table over the loaded one, which is then in effect.</summary>
    /// <remarks>Not called when no loaded table was found: then the cached one stays in effect and the remote never sees a write.</remarks>
    /// <param name="loaded">The remote's memory at the table's run address.</param>
    /// <returns> Ok; or EINVAL, nothing changed, when <paramref name="loaded"/> is smaller than the table. The kernel does not look and
    /// writes past its end: recovery with another firmware file gets there.
    /// </returns>
    public Errno UseLoaded(Memory<byte> loaded)
    {
        Errno errno = CopyToLoaded(loaded);
        if (errno == Errno.Ok) SwitchToLoaded();
        return errno;
    }

    /// <summary>
    /// The first half of <see cref="UseLoaded"/>: the cached table stays in effect for now. Kernel: rproc_fw_boot up to v4.8.
    /// </summary>
    /// <inheritdoc cref="UseLoaded"/>
    public Errno CopyToLoaded(Memory<byte> loaded)
    {
        if (_cached is null) throw new InvalidOperationException("there is no cached table to load");
        if (loaded.Length < _cached.Length) return Errno.EINVAL;
        tablePointer?.Write();
        _placed = loaded[.._cached.Length];
        _cached.CopyTo(_placed.Span);
        return Errno.Ok;
    }

    /// <summary>The second half: the loaded table is in effect. Without a first half it does nothing.</summary>
    public void SwitchToLoaded()
    {
        if (_placed.IsEmpty) return;
        tablePointer?.Write();
        _inEffect = _placed;
        _placed = default;
        IsLoaded = true;
    }

    /// <summary>Attach: the running remote's own table is in effect; there is no cached copy.</summary>
    /// <param name="live">The table in the remote's memory, no more than the table.</param>
    /// <param name="keepClean">Whether the platform can detach, and so needs the table as it was.</param>
    public void UseAttached(Memory<byte> live, bool keepClean)
    {
        if (HasTable) throw new InvalidOperationException("a table is in effect already: Drop it first");
        _clean = keepClean ? live.ToArray() : null;
        _inEffect = live;
        HasTable = true;
        IsLoaded = true;
    }

    /// <summary>Stop, or a start that failed: the cached table is in effect again. An attached processor gets one now, a copy of the live
    /// table.</summary>
    /// <remarks>Models rproc_reset_rsc_table_on_stop. Without a table it does nothing.</remarks>
    public void BackToCachedForStop()
    {
        if (!HasTable) return;
        if (_cached is null)
        {
            _cached = _inEffect.ToArray();
            _clean = null;
        }

        UseCached();
    }

    /// <summary>Detach: the cached table, a copy of the live one, is in effect; the remote's memory gets its table back as attach found
    /// it.</summary>
    /// <remarks>Models rproc_reset_rsc_table_on_detach. Without a table it does nothing.</remarks>
    /// <returns>Ok; or EINVAL, nothing changed, when there is no clean copy: attach did not keep one.</returns>
    public Errno BackToCachedForDetach()
    {
        if (!HasTable) return Errno.Ok;
        if (_clean is null) return Errno.EINVAL;
        _cached = _inEffect.ToArray();
        _clean.CopyTo(_inEffect.Span);
        _clean = null;
        UseCached();
        return Errno.Ok;
    }

    /// <summary>Shutdown, end of detach, or a boot that failed: no table, all copies gone. The remote's memory is left as it is.</summary>
    public void Drop()
    {
        _cached = null;
        _clean = null;
        _placed = default;
        _inEffect = default;
        HasTable = false;
        IsLoaded = false;
    }

    private void UseCached()
    {
        Invariant.Check(_cached is not null, "a table goes back to an existing copy");
        _placed = default;
        _inEffect = _cached;
        HasTable = true;
        IsLoaded = false;
    }
}
