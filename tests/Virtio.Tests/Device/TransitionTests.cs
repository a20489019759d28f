using System;
using System.Linq;
using System.Text;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>The legal ways of a status byte, whole: a step that becomes legal or illegal shows as a difference here.</summary>
public sealed class TransitionTests
{
    // Written from VIRTIO 1.3, 2.1 and 3.1. A row is what stands there; a column is a step; a dash is not legal.
    private const string Legacy =
        """
        from  Reset Acknowledge Driver FeaturesOk DriverOk Fail NeedsReset
        00    00    01          -      -          -        -    -
        01    00    -           03     -          -        81   41
        03    00    -           -      -          07       83   43
        07    00    -           -      -          -        87   47
        41    00    -           -      -          -        c1   41
        43    00    -           -      -          -        c3   43
        47    00    -           -      -          -        c7   47
        81    00    -           -      -          -        81   c1
        83    00    -           -      -          -        83   c3
        87    00    -           -      -          -        87   c7
        c7    00    -           -      -          -        c7   c7

        """;

    private const string Modern =
        """
        from  Reset Acknowledge Driver FeaturesOk DriverOk Fail NeedsReset
        00    00    01          -      -          -        -    -
        01    00    -           03     -          -        81   41
        03    00    -           -      0b         -        83   43
        0b    00    -           -      -          0f       8b   4b
        0f    00    -           -      -          -        8f   4f
        4b    00    -           -      -          -        cb   4b
        4f    00    -           -      -          -        cf   4f
        8b    00    -           -      -          -        8b   cb
        8f    00    -           -      -          -        8f   cf

        """;

    [Theory]
    [InlineData(false, Legacy)]
    [InlineData(true, Modern)]
    public void The_matrix_is_the_specification_s(bool isModern, string expected) => Assert.Equal(expected, Print(expected, isModern));

    [Fact]
    public void Every_status_that_can_be_reached_keeps_the_rules_of_a_step()
    {
        foreach (bool isModern in (bool[])[false, true])
        {
            VirtioStatus[] reached = [VirtioStatus.None];
            for (int round = 0; round < 8; round++)
            {
                reached = [.. reached.SelectMany(from => Enum.GetValues<VirtioStatusStep>()
                    .Select(step => VirtioTransitions.Next(from, step, isModern) ?? from).Append(from)).Distinct()];
            }

            Assert.Equal(isModern ? 17 : 13, reached.Length); // 0, and each other with and without the two bits that stick
            foreach (VirtioStatus from in reached)
            {
                foreach (VirtioStatusStep step in Enum.GetValues<VirtioStatusStep>())
                {
                    if (step == VirtioStatusStep.Reset || VirtioTransitions.Next(from, step, isModern) is not { } to) continue;
                    Assert.Equal(from, from & to); // bits are only added, one at a time
                    Assert.True(byte.PopCount((byte)(from ^ to)) <= 1);
                }
            }
        }
    }

    [Theory]
    [InlineData(0x03, 0x03, true)]  // nothing new
    [InlineData(0x00, 0x03, false)] // two steps at once
    [InlineData(0x07, 0x03, false)] // a bit taken away
    [InlineData(0x83, 0x87, false)] // on after a failure: what Linux writes when another driver probes
    [InlineData(0x07, 0x47, false)] // the device's bit
    [InlineData(0xc7, 0x00, true)]
    public void A_driver_may_write_one_step(byte from, byte written, bool expected) =>
        Assert.Equal(expected, VirtioTransitions.MayWrite((VirtioStatus)from, (VirtioStatus)written, isModern: false));

    private static string Print(string like, bool isModern)
    {
        string[] lines = like.Split('\n');
        VirtioStatusStep[] steps = Enum.GetValues<VirtioStatusStep>();
        StringBuilder text = new($"from  {string.Join(' ', steps)}\n");
        foreach (string line in lines.Skip(1).Where(line => line.Length > 0))
        {
            VirtioStatus from = (VirtioStatus)Convert.ToByte(line[..2], 16);
            StringBuilder row = new($"{(byte)from:x2}    ");
            foreach (VirtioStatusStep step in steps)
            {
                string cell = VirtioTransitions.Next(from, step, isModern) is { } to ? $"{(byte)to:x2}" : "-";
                row.Append(cell.PadRight($"{step}".Length + 1));
            }

            text.Append(row.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
