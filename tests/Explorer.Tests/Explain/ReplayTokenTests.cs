using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Replay;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public class ReplayTokenTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    [Fact]
    public void What_is_written_is_read_back()
    {
        SeededChoices choices = new(1);
        for (int round = 0; round < 500; round++)
        {
            ReplayToken written = AnyToken(choices);
            ReplayToken read = Parsed(written.ToString());
            Assert.Equal(written.ProductVersion, read.ProductVersion);
            Assert.Equal(written.Scenario, read.Scenario);
            Assert.Equal(written.Era, read.Era);
            Assert.Equal(written.Fingerprint, read.Fingerprint);
            Assert.Equal(written.TraceHash, read.TraceHash);
            Assert.Equal(written.Picks, read.Picks);
            Assert.Equal(written, read);
        }
    }

    [Fact]
    public void A_token_goes_through_mail_and_addresses()
    {
        ReplayToken token = new("0.1.0", "two vdevs ~ late/Ä", "A", 1, 2, [0, 0, 1, 0, 65_535]);
        string line = token.ToString();
        Assert.All(line, c => Assert.True(char.IsAsciiLetterOrDigit(c) || "-._~%".Contains(c, StringComparison.Ordinal)));
        Assert.Equal(token, Parsed("> " + line[..20] + "\r\n> " + line[20..40] + "\n> > " + line[40..] + "  \n"));
    }

    [Fact]
    public void A_schedule_that_mostly_goes_on_as_before_is_short()
    {
        int[] picks = new int[5_000];
        picks[4_000] = 1;
        Assert.True(new ReplayToken("0.1.0", "RP-06", "A", 1, 2, picks).ToString().Length < 75);
    }

    [Fact]
    public void A_changed_character_is_found_wherever_it_is()
    {
        string line = new ReplayToken("0.1.0", "RP-06", "A", 0x1234, 0x5678, [1, 0, 0, 2, 0, 3]).ToString();
        for (int i = 0; i < line.Length; i++)
        {
            foreach (char c in Alphabet + "~")
            {
                if (c == line[i]) continue;
                string changed = line[..i] + c + line[(i + 1)..];
                Assert.False(ReplayToken.TryParse(changed, out _, out ReplayTokenError? error), changed);
                Assert.NotEmpty(error!.Text);
            }

            Assert.False(ReplayToken.TryParse(line.Remove(i, 1), out _, out _));
            Assert.False(ReplayToken.TryParse(line[..i], out _, out _));
        }
    }

    [Fact]
    public void Random_bytes_under_a_right_checksum_are_refused_or_read_and_never_throw()
    {
        SeededChoices choices = new(7);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. Enumerable.Range(0, choices.Pick(24)).Select(_ => (byte)choices.Pick(256))];
            int[]? picks = PickCode.TryRead(bytes);
            if (picks is null) refused++;
            else Assert.InRange(picks.Length, 0, PickCode.CountMax);
        }

        Assert.InRange(refused, 1, 19_999);
    }

    [Theory]
    [InlineData("", ReplayTokenFault.NotAToken, "copy it whole")]
    [InlineData("RP-06", ReplayTokenFault.NotAToken, "rproc1~SCENARIO~ERA~")]
    [InlineData("rproc1~RP-06~A", ReplayTokenFault.NotAToken, "all in one line")]
    [InlineData("rproc2~RP-06~A~AAAA", ReplayTokenFault.Format, "this build reads rproc1")]
    [InlineData("rproc1~RP-06~A~AAAA", ReplayTokenFault.Damaged, "copy it again")]
    [InlineData("rproc1~RP-06~A~!", ReplayTokenFault.Damaged, "copy it again")]
    public void What_is_no_token_is_refused_with_a_reason(string line, ReplayTokenFault fault, string word)
    {
        Assert.False(ReplayToken.TryParse(line, out ReplayToken? token, out ReplayTokenError? error));
        Assert.Null(token);
        Assert.Equal(fault, error!.Fault);
        Assert.Contains(word, error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_field_that_differs_is_named_with_both_values_and_a_way_out()
    {
        ReplayToken token = new("0.1.0", "RP-06", "A", 0xAB, 0xCD, [1]);
        Assert.Null(token.Check("0.1.0", "RP-06", "A", 0xAB));
        Expect(ReplayTokenFault.ProductVersion, token.Check("0.2.0", "RP-06", "A", 0xAB), "0.1.0", "0.2.0", "replay it with 0.1.0");
        Expect(ReplayTokenFault.Scenario, token.Check("0.1.0", "RP-07", "A", 0xAB), "RP-06", "RP-07");
        Expect(ReplayTokenFault.Era, token.Check("0.1.0", "RP-06", "C", 0xAB), "era A", "era C", "compared");
        Expect(ReplayTokenFault.Configuration, token.Check("0.1.0", "RP-06", "A", 0xAC), "00000000000000ab", "00000000000000ac", "image");
        Assert.Null(token.CheckReplay(0xCD));
        Expect(ReplayTokenFault.TraceHash, token.CheckReplay(0xCE), "00000000000000cd", "00000000000000ce");
    }

    [Fact]
    public void A_schedule_that_cannot_be_written_is_the_caller_s_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReplayToken("0.1.0", "RP-06", "A", 1, 2, [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReplayToken("0.1.0", "RP-06", "A", 1, 2, [65_536]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReplayToken(new string('1', 256), "RP-06", "A", 1, 2, []));
    }

    private static void Expect(ReplayTokenFault fault, ReplayTokenError? error, params string[] words)
    {
        Assert.NotNull(error);
        Assert.Equal(fault, error.Fault);
        Assert.All(words, word => Assert.Contains(word, error.Text, StringComparison.Ordinal));
    }

    private static ReplayToken Parsed(string line)
    {
        Assert.True(ReplayToken.TryParse(line, out ReplayToken? token, out ReplayTokenError? error), error?.Text);
        return token!;
    }

    private static ReplayToken AnyToken(SeededChoices choices)
    {
        List<int> picks = [];
        for (int count = choices.Pick(2) * choices.Pick(400); count > 0; count--)
            picks.Add(choices.Pick(4) == 0 ? choices.Pick(choices.Pick(8) == 0 ? PickCode.PickMax + 1 : 5) : 0);
        return new ReplayToken(AnyName(choices), AnyName(choices), AnyName(choices), AnyNumber(choices), AnyNumber(choices), picks);
    }

    private static string AnyName(SeededChoices choices) =>
        string.Concat(Enumerable.Range(0, 1 + choices.Pick(20)).Select(_ => "aZ09-._~% /:äß☃"[choices.Pick(15)]));

    private static ulong AnyNumber(SeededChoices choices) =>
        ((ulong)(uint)choices.Pick(int.MaxValue) << 33) ^ (uint)choices.Pick(int.MaxValue);
}
