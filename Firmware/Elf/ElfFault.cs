using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>Why an image was refused: the rule, the place in the file, what stands there, and what should.</summary>
/// <param name="Status">The cause. <see cref="ElfStatus.Ok"/> in a default value: no fault.</param>
/// <param name="FileOffset">Byte offset in the file of the field that breaks the rule.</param>
/// <param name="Field">The field's name, <c>e_shoff</c>, or <c>file size</c>.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Limit">The number the rule compares with: the file's bytes, the least size, the wanted value.</param>
public readonly record struct ElfFault(ElfStatus Status, ulong FileOffset, string Field, ulong Value, ulong Limit)
{
    /// <summary>The rule's stable name, <c>ELF-07</c>.</summary>
    public string RuleId => Status.RuleId();

    /// <summary>What the kernel's call returns.</summary>
    public Errno Errno => Status.ToErrno();

    /// <summary>What the rule wants to find there.</summary>
    public string Expected => Status switch
    {
        ElfStatus.Ok => "",
        ElfStatus.NoImage or ElfStatus.ShorterThanHeader or ElfStatus.ShorterThanHeader64 or ElfStatus.NoProgramHeaders =>
            $"at least {Limit}",
        ElfStatus.NotElf => $"0x{Limit:x}",
        ElfStatus.UnknownClass => "1 or 2",
        ElfStatus.NotHostByteOrder => "1 (LSB)",
        ElfStatus.SectionNameOutOfRange => $"below 0x{Limit:x}",
        _ => $"within the file's 0x{Limit:x} bytes",
    };

    /// <summary>One line, to be put after the file's name: <c>offset 0x20: e_shoff = 0x9999: ... (expected ...; rule ELF-07,
    /// -EINVAL)</c>.</summary>
    public override string ToString() => Status == ElfStatus.Ok
        ? "no fault"
        : $"offset 0x{FileOffset:x}: {Field} = 0x{Value:x}: {Status.Explanation()} (expected {Expected}; rule {RuleId}, {Errno.Name()})";
}
