using System.Collections.Generic;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Check;

/// <summary>All that was found in an image, in the order in which the kernel comes by.</summary>
/// <param name="IsElf">Whether the file is an ELF image at all; if not, there is one finding that says why.</param>
/// <param name="Findings">What was found.</param>
/// <param name="IsComplete">False when there was more than <see cref="ImageChecker.MaxFindings"/>, and the rest was not looked for.</param>
public sealed record CheckReport(bool IsElf, IReadOnlyList<CheckFinding> Findings, bool IsComplete)
{
    /// <summary>Whether there is an error or a warning. Notes alone leave an image clean.</summary>
    public bool HasProblems => Count(CheckSeverity.Error) + Count(CheckSeverity.Warning) > 0;

    /// <summary>What the kernel's boot returns with the default ELF ops: the errno of the first error, or Ok.</summary>
    public Errno Verdict
    {
        get
        {
            foreach (CheckFinding finding in Findings)
            {
                if (finding.Rule.Errno != Errno.Ok) return finding.Rule.Errno;
            }

            return Errno.Ok;
        }
    }

    /// <summary>How many findings of one severity there are.</summary>
    public int Count(CheckSeverity severity)
    {
        int count = 0;
        foreach (CheckFinding finding in Findings)
        {
            if (finding.Rule.Severity == severity) count++;
        }

        return count;
    }
}
