using System;
using System.Buffers;
using System.Text;
using System.Text.Json;
using RemoteprocEmu.Firmware.Dump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Dump;

public sealed class ResourceTableDumpTests
{
    [Theory]
    [InlineData(ElfByteOrder.Little, "LSB")]
    [InlineData(ElfByteOrder.Big, "MSB")]
    public void The_text_shows_every_field_of_every_type(ElfByteOrder order, string orderName)
    {
        string text = ResourceTableDump.ToText(Section(Images.EveryType(order).Build(), order));

        string expected = $"""
            Resource table: 284 bytes at file offset 0x100, run address 0x20000000, {orderName}
              ver            1            Version
              num            6            Number of entries
              reserved[0]    0x0          Reserved (should be zero)
              reserved[1]    0x0          Reserved (should be zero)
            Entry 0: type 0 (RSC_CARVEOUT) at offset 0x28, payload at 0x2c
              da             0x10000000   Device Address
              pa             0x40000000   Physical Address
              len            0x10000      Length
              flags          0x7          Flags
              reserved       0            Reserved (should be zero)
              name           text         Name
            Entry 1: type 1 (RSC_DEVMEM) at offset 0x60, payload at 0x64
              da             0x44000000   Device Address
              pa             0x48000000   Physical Address
              len            0x1000       Length
              flags          0x3          Flags
              reserved       0            Reserved (should be zero)
              name           uart         Name
            Entry 2: type 2 (RSC_TRACE) at offset 0x98, payload at 0x9c
              da             0x10008000   Device Address
              len            0x400        Length
              reserved       0            Reserved (should be zero)
              name           trace0       Name
            Entry 3: type 3 (RSC_VDEV) at offset 0xc8, payload at 0xcc
              id             7            ID
              notifyid       9            Notify ID
              dfeatures      0x1          Device features
              gfeatures      0x0          Guest features
              config_len     0x5          Config length
              status         0x0          Status
              num_of_vrings  2            Number of vrings
              reserved[0]    0            Reserved (should be zero)
              reserved[1]    0            Reserved (should be zero)
              vring[0]
                da             0xffffffff   Device Address
                align          16           Alignment
                num            16           Number of buffers
                notifyid       1            Notify ID
                pa             0x0          Physical Address
              vring[1]
                da             0xffffffff   Device Address
                align          16           Alignment
                num            32           Number of buffers
                notifyid       2            Notify ID
                pa             0x0          Physical Address
              config         0102030405   Config space
            Entry 4: type 5 (unknown) at offset 0x111, payload at 0x115
              payload        aabb00c80000 Payload
            """;
        Assert.StartsWith(expected[..expected.LastIndexOf("aabb", StringComparison.Ordinal)].ReplaceLineEndings("\n"), text,
            StringComparison.Ordinal);
        Assert.Contains("Entry 5: type 200 (vendor)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_has_the_kernels_names_and_plain_numbers()
    {
        using JsonDocument json = JsonDocument.Parse(Json(Section(Images.EveryType().Build())));

        JsonElement root = json.RootElement;
        Assert.Equal(("LSB", 1, 6), (root.GetProperty("byte_order").GetString(), root.GetProperty("ver").GetInt32(),
            root.GetProperty("num").GetInt32()));
        JsonElement entries = root.GetProperty("entries");
        Assert.Equal(6, entries.GetArrayLength());
        Assert.Equal(("RSC_CARVEOUT", 0x1000_0000u, "text"), (entries[0].GetProperty("type_name").GetString(),
            entries[0].GetProperty("da").GetUInt32(), entries[0].GetProperty("name").GetString()));
        JsonElement vrings = entries[3].GetProperty("vring");
        Assert.Equal((2, 0xFFFF_FFFFu, 32u), (vrings.GetArrayLength(), vrings[1].GetProperty("da").GetUInt32(),
            vrings[1].GetProperty("num").GetUInt32()));
        Assert.Equal("0102030405", entries[3].GetProperty("config").GetString());
    }

    [Fact]
    public void A_broken_part_is_shown_with_its_rule_and_the_rest_goes_on()
    {
        byte[] table = Images.EveryType().WithOffset(1, 3).WithOffset(2, 0xFFFF_0000).Build();

        string text = ResourceTableDump.ToText(Section(table));

        Assert.Contains("Entry 1: fault: entry offset points into the table header (rule RSC-007, -EINVAL)\n", text,
            StringComparison.Ordinal);
        Assert.Contains("Entry 2: fault: entry starts past the end of the table (rule RSC-008, -EINVAL)\n", text, StringComparison.Ordinal);
        Assert.Contains("Entry 3: type 3 (RSC_VDEV)", text, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(Json(Section(table)));
        Assert.Equal("RSC-007", json.RootElement.GetProperty("entries")[1].GetProperty("fault").GetProperty("rule").GetString());
    }

    [Fact]
    public void Cut_at_any_byte_both_forms_are_made_and_the_json_is_sound()
    {
        byte[] table = Images.EveryType().Build();
        for (int length = 0; length <= table.Length; length++)
        {
            ResourceTableSection section = Section(table[..length]);

            Assert.NotEmpty(ResourceTableDump.ToText(section));
            JsonDocument.Parse(Json(section)).Dispose();
        }
    }

    [Fact]
    public void A_name_that_would_play_with_the_terminal_is_escaped()
    {
        byte[] table = new ResourceTableBuilder().AddTrace("a\u001b[31m\\b\u00ff", 0, 0).Build();

        Assert.Contains("""a\x1b[31m\x5cb\xff""", ResourceTableDump.ToText(Section(table)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_offsets_to_one_large_entry_stay_a_short_dump()
    {
        ResourceTableBuilder builder = new();
        for (int i = 0; i < 1000; i++) builder.AddRaw(77, i == 999 ? new byte[65536] : []);
        for (int i = 0; i < 999; i++) builder.WithOffset(i, 16 + 4000 + (999 * 4));

        string text = ResourceTableDump.ToText(Section(builder.Build()));

        Assert.Contains("744 entries more are not shown", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1, 256 * 1024);
    }

    private static ResourceTableSection Section(byte[] table, ElfByteOrder order = ElfByteOrder.Little) =>
        new(table, order, FileOffset: 0x100, new DeviceAddress(0x2000_0000), SectionIndex: 1);

    private static string Json(in ResourceTableSection section)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer)) ResourceTableDump.WriteJson(section, json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
