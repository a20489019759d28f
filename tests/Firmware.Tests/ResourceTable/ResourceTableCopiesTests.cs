using System;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.ResourceTable;

public sealed class ResourceTableCopiesTests
{
    private readonly ResourceTableCopies _copies = new();
    private readonly byte[] _firmware = [1, 2, 3, 4];
    private readonly byte[] _remote = [9, 9, 9, 9, 9, 9];

    [Fact]
    public void What_is_written_before_the_load_the_remote_sees_at_its_start_and_what_is_written_after_at_once()
    {
        _copies.CacheFromFirmware(_firmware);
        _copies.InEffect.Span[0] = 0x11;
        Assert.False(_copies.IsLoaded);

        Assert.Equal(Errno.Ok, _copies.UseLoaded(_remote));
        Assert.Equal([0x11, 2, 3, 4, 9, 9], _remote);

        _copies.InEffect.Span[1] = 0x22;
        Assert.Equal([0x11, 0x22, 3, 4, 9, 9], _remote);
        Assert.Equal([0x11, 2, 3, 4], _copies.Cached.ToArray());
        Assert.Equal([1, 2, 3, 4], _firmware);
        Assert.Equal(4, _copies.SizeBytes);
    }

    [Fact]
    public void After_a_stop_the_cached_table_is_in_effect_and_a_recovery_loads_it_again()
    {
        _copies.CacheFromFirmware(_firmware);
        Assert.Equal(Errno.Ok, _copies.UseLoaded(_remote));
        _copies.InEffect.Span[1] = 0x22;

        _copies.BackToCachedForStop();

        Assert.Equal([1, 2, 3, 4], _copies.InEffect.ToArray());
        Assert.False(_copies.IsLoaded);
        Assert.Equal(Errno.Ok, _copies.UseLoaded(_remote));
        Assert.Equal([1, 2, 3, 4, 9, 9], _remote);
    }

    [Fact]
    public void A_loaded_table_that_is_too_small_is_refused_and_nothing_is_written()
    {
        _copies.CacheFromFirmware(_firmware);

        Assert.Equal(Errno.EINVAL, _copies.UseLoaded(_remote.AsMemory(0, 3)));

        Assert.Equal([9, 9, 9, 9, 9, 9], _remote);
        Assert.False(_copies.IsLoaded);
        Assert.Equal([1, 2, 3, 4], _copies.InEffect.ToArray());
    }

    [Fact]
    public void An_attached_processor_is_worked_on_in_its_own_memory_and_detach_restores_it()
    {
        _copies.UseAttached(_remote, keepClean: true);
        Assert.Equal((true, true, false, true), (_copies.HasTable, _copies.IsLoaded, _copies.HasCached, _copies.HasClean));
        _copies.InEffect.Span[0] = 0x11;
        Assert.Equal(0x11, _remote[0]);

        Assert.Equal(Errno.Ok, _copies.BackToCachedForDetach());

        Assert.Equal([9, 9, 9, 9, 9, 9], _remote);
        Assert.Equal([0x11, 9, 9, 9, 9, 9], _copies.InEffect.ToArray());
        Assert.Equal((true, false, true, false), (_copies.HasTable, _copies.IsLoaded, _copies.HasCached, _copies.HasClean));
        _copies.InEffect.Span[1] = 0x22; // teardown goes on in the copy
        Assert.Equal([9, 9, 9, 9, 9, 9], _remote);
    }

    [Fact]
    public void An_attached_processor_that_is_stopped_gets_a_cached_copy_and_keeps_its_memory()
    {
        _copies.UseAttached(_remote, keepClean: true);
        _copies.InEffect.Span[0] = 0x11;

        _copies.BackToCachedForStop();

        Assert.Equal([0x11, 9, 9, 9, 9, 9], _remote);
        Assert.Equal([0x11, 9, 9, 9, 9, 9], _copies.InEffect.ToArray());
        Assert.Equal((true, false), (_copies.HasCached, _copies.HasClean));
        _copies.InEffect.Span[1] = 0x22;
        Assert.Equal(9, _remote[1]);
    }

    [Fact]
    public void Detach_without_a_clean_copy_is_EINVAL_and_changes_nothing()
    {
        _copies.UseAttached(_remote, keepClean: false);

        Assert.Equal(Errno.EINVAL, _copies.BackToCachedForDetach());

        Assert.True(_copies.IsLoaded);
        Assert.False(_copies.HasCached);
    }

    [Fact]
    public void Without_a_table_stop_and_detach_have_nothing_to_do()
    {
        _copies.BackToCachedForStop();

        Assert.Equal(Errno.Ok, _copies.BackToCachedForDetach());
        Assert.False(_copies.HasTable);
        Assert.Equal(0, _copies.SizeBytes);
    }

    [Fact]
    public void Drop_forgets_all_copies()
    {
        _copies.CacheFromFirmware(_firmware);
        _ = _copies.UseLoaded(_remote);

        _copies.Drop();

        Assert.Equal((false, false, false, false), (_copies.HasTable, _copies.IsLoaded, _copies.HasCached, _copies.HasClean));
        Assert.True(_copies.InEffect.IsEmpty);
        _copies.UseAttached(_remote, keepClean: false); // the next life may begin
    }

    [Fact]
    public void A_second_table_over_a_first_and_a_load_of_nothing_are_the_callers_mistake()
    {
        Assert.Throws<InvalidOperationException>(() => _copies.UseLoaded(_remote));
        _copies.CacheFromFirmware(_firmware);
        Assert.Throws<InvalidOperationException>(() => _copies.CacheFromFirmware(_firmware));
        Assert.Throws<InvalidOperationException>(() => _copies.UseAttached(_remote, keepClean: true));
    }
}
