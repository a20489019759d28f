using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Check;

/// <summary>One place where an image breaks a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="FileOffset">Byte offset in the file of the field in question.</param>
/// <param name="Field">The field, with its entry: <c>entry 3 vring[0].num</c>.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Detail">The other half of the story: the other entry, the bound; empty when there is none.</param>
public sealed record CheckFinding(CheckRule Rule, ulong FileOffset, string Field, ulong Value, string Detail)
{
    /// <summary>One line, to be put after the file's name.</summary>
    public override string ToString()
    {
        string detail = Detail.Length == 0 ? "" : $" ({Detail})";
        string errno = Rule.Errno == Errno.Ok ? "" : $", {Rule.Errno.Name()}";
        string severity = Rule.Severity switch
        {
            CheckSeverity.Error => "error",
            CheckSeverity.Warning => "warning",
            _ => "note",
        };
        return $"offset 0x{FileOffset:x}: {severity} {Rule.Id}: {Field} = 0x{Value:x}: {Rule.Explanation}{detail}; " +
            $"kernel: {Rule.Verdict}{errno}; remedy: {Rule.Remedy}";
    }
}
