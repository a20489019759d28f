using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Memory;

public sealed class MemoryBankTests : IDisposable
{
    private const int Page = SharedMemory.PageBytes;
    private const ulong Base = 0x8000_0000;

    private readonly SharedMemory _memory = SharedMemory.Create("ddr", 16 * Page);
    private readonly MemoryBank _bank;

    public MemoryBankTests() => _bank = new MemoryBank("ddr", new PhysicalAddress(Base), _memory);

    public void Dispose() => ((IDisposable)_memory).Dispose();

    [Fact]
    public void Memory_is_given_out_at_the_lowest_address_that_fits()
    {
        MemoryBlock a = _bank.Allocate("a", 2 * Page)!, b = _bank.Allocate("b", 1)!, c = _bank.Allocate("c", Page + 1)!;
        Assert.Equal([Base, Base + 2 * Page, Base + 3 * Page], new[] { a, b, c }.Select(block => block.Address.Value));
        Assert.Equal([2 * Page, Page, 2 * Page], new[] { a, b, c }.Select(block => block.SizeBytes));

        _bank.Free(a);
        Assert.Equal(Base + 5 * Page, _bank.Allocate("too long for the hole", 3 * Page)!.Address.Value);
        Assert.Equal(Base, _bank.Allocate("fits the hole", Page)!.Address.Value);
        Assert.Equal(Base + Page, _bank.Allocate("fits its rest", Page)!.Address.Value);
        Assert.Equal(8 * Page, _bank.LiveBytes);
        Assert.Equal(["fits the hole", "fits its rest", "b", "c", "too long for the hole"], _bank.LiveBlocks.Select(block => block.Owner));
    }

    [Fact]
    public void A_full_bank_gives_nothing_and_one_page_less_fits()
    {
        Assert.Null(_bank.Allocate("too much", 16 * Page + 1));
        Assert.Null(_bank.Allocate("nonsense", -1));
        Assert.Null(_bank.Allocate("nonsense", long.MaxValue));
        MemoryBlock all = _bank.Allocate("all", 16 * Page)!;
        Assert.Null(_bank.Allocate("one more", 0));
        _bank.Free(all);
        Assert.NotNull(_bank.Allocate("again", 16 * Page));
    }

    [Theory]
    [InlineData(3, 2, true)]   // just below
    [InlineData(8, 2, true)]   // just above
    [InlineData(3, 3, false)]  // one page into it
    [InlineData(7, 1, false)]  // its last page
    [InlineData(5, 3, false)]  // the same
    [InlineData(6, 1, false)]  // inside
    [InlineData(0, 16, false)] // around it
    [InlineData(15, 1, true)]  // the bank's last page
    [InlineData(15, 2, false)] // past the bank
    [InlineData(16, 1, false)] // behind the bank
    public void A_place_that_was_asked_for_is_given_when_it_is_free(int page, int pages, bool isGiven)
    {
        Assert.NotNull(_bank.AllocateAt("there", new PhysicalAddress(Base + 5 * Page), 3 * Page));
        MemoryBlock? block = _bank.AllocateAt("wanted", new PhysicalAddress(Base + (ulong)(page * Page)), pages * Page);
        Assert.Equal(isGiven, block is not null);
        if (isGiven) Assert.Equal((Base + (ulong)(page * Page), pages * Page), (block!.Address.Value, block.SizeBytes));
    }

    [Theory]
    [InlineData(Base + 1)]
    [InlineData(Base - Page)]
    [InlineData(0UL)]
    [InlineData(0xFFFF_FFFF_FFFF_F000)]
    public void A_place_outside_of_the_bank_or_between_pages_is_refused(ulong address)
    {
        Assert.Null(_bank.AllocateAt("wanted", new PhysicalAddress(address), Page));
        Assert.Null(_bank.AllocateAt("wanted", new PhysicalAddress(Base), -1));
        Assert.Null(_bank.AllocateAt("wanted", new PhysicalAddress(Base), long.MaxValue));
    }

    [Fact]
    public void Memory_comes_zeroed_and_goes_poisoned()
    {
        MemoryBlock block = _bank.Allocate("a", Page)!;
        Memory<byte> kept = block.Memory;
        block.Span.Fill(0xEE);
        _bank.Free(block);
        Assert.Equal(-1, kept.Span.IndexOfAnyExcept(MemoryBank.Poison));
        Assert.Equal(0x6b, MemoryBank.Poison);
        Assert.Throws<InvariantException>(() => block.Span.Length);
        Assert.Equal(-1, _bank.Allocate("b", Page)!.Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void The_same_address_twice_is_two_generations_and_the_freed_ones_are_remembered()
    {
        List<long> generations = [];
        for (int i = 0; i < 70; i++)
        {
            MemoryBlock block = _bank.Allocate($"owner {i}", Page)!;
            Assert.Equal(Base, block.Address.Value);
            generations.Add(block.Generation);
            _bank.Free(block);
        }

        Assert.Equal(Enumerable.Range(1, 70).Select(number => (long)number), generations);
        Assert.Equal(Enumerable.Range(6, 64).Select(number => $"owner {number}"), _bank.FreedBlocks.Select(block => block.Owner));
        Assert.Equal("owner 69 at 0x80000000, 0x1000 bytes, generation 70, freed", _bank.FreedBlocks.Last().ToString());
    }

    [Fact]
    public void Memory_is_freed_once_to_the_bank_that_gave_it()
    {
        using SharedMemory otherMemory = SharedMemory.Create("tcm", Page);
        MemoryBank other = new("tcm", new PhysicalAddress(0), otherMemory);
        MemoryBlock block = _bank.Allocate("a", Page)!;
        Assert.Throws<InvariantException>(() => other.Free(block));
        _bank.Free(block);
        Assert.Throws<InvariantException>(() => _bank.Free(block));
        Assert.Equal(0, _bank.LiveBytes);
    }

    [Fact]
    public void A_bank_lies_on_a_page_and_ends_below_the_end_of_the_address_space()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBank("x", new PhysicalAddress(1), _memory));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBank("x", new PhysicalAddress(ulong.MaxValue - 16 * Page + 1), _memory));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBank("x", new PhysicalAddress(ulong.MaxValue - Page + 1), _memory));
        MemoryBank highest = new("x", new PhysicalAddress(ulong.MaxValue - 17 * Page + 1), _memory);
        Assert.Equal("x 0xfffffffffffef000..0xffffffffffffefff", highest.ToString());
    }

    [Fact]
    public void Banks_share_no_address()
    {
        PhysicalMemory physical = new();
        physical.Add(_bank);
        Assert.Throws<ArgumentException>(() => physical.Add(new MemoryBank("x", new PhysicalAddress(Base - 15 * Page), _memory)));
        Assert.Throws<ArgumentException>(() => physical.Add(new MemoryBank("x", new PhysicalAddress(Base + 15 * Page), _memory)));
        MemoryBank above = new("above", new PhysicalAddress(Base + 16 * Page), _memory);
        physical.Add(above);
        physical.Add(new MemoryBank("below", new PhysicalAddress(Base - 16 * Page), _memory));

        Assert.Same(_bank, physical.Find(new PhysicalAddress(Base + 16 * Page - 1), 1));
        Assert.Same(above, physical.Find(new PhysicalAddress(Base + 16 * Page), 1));
        Assert.Null(physical.Find(new PhysicalAddress(Base + 16 * Page - 1), 2)); // never across two banks
        Assert.Null(physical.Find(new PhysicalAddress(Base), ulong.MaxValue));
    }

    /// <summary>Against a model so slow that it is obvious: one owner a page.</summary>
    [Fact]
    public void Any_sequence_of_calls_agrees_with_a_table_of_pages()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            SeededChoices choices = new(seed);
            MemoryBank bank = new("ddr", new PhysicalAddress(Base), _memory);
            MemoryBlock?[] pages = new MemoryBlock?[16];
            for (int step = 0; step < 200; step++)
            {
                int wanted = 1 + choices.Pick(4), at = choices.Pick(17);
                if (choices.Pick(3) == 0)
                {
                    MemoryBlock? block = at < 16 ? pages[at] : null;
                    if (block is null) continue;
                    bank.Free(block);
                    for (int page = 0; page < 16; page++) pages[page] = pages[page] == block ? null : pages[page];
                    continue;
                }

                bool anywhere = choices.Pick(2) == 0;
                int expected = anywhere
                    ? Enumerable.Range(0, 16).FirstOrDefault(first => IsFree(pages, first, wanted), -1)
                    : IsFree(pages, at, wanted) ? at : -1;
                MemoryBlock? given = anywhere
                    ? bank.Allocate("model", wanted * Page)
                    : bank.AllocateAt("model", new PhysicalAddress(Base + (ulong)(at * Page)), wanted * Page);
                Assert.Equal(expected, given is null ? -1 : (int)(given.Address.Value - Base) / Page);
                for (int page = expected; expected >= 0 && page < expected + wanted; page++) pages[page] = given;
            }

            Assert.Equal(pages.Where(block => block is not null).Distinct(), bank.LiveBlocks);
            Assert.Equal(pages.Count(block => block is not null) * Page, bank.LiveBytes);
        }
    }

    private static bool IsFree(MemoryBlock?[] pages, int first, int count) =>
        first + count <= pages.Length && pages.AsSpan(first, count).IndexOfAnyExcept((MemoryBlock?)null) < 0;
}
