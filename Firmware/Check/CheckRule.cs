using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Check;

/// <summary>A rule an image can break. Its id never changes and is never used again for another rule.</summary>
/// <param name="Id">Stable: <c>ELF-07</c>, <c>RSC-012</c>; 1xx are warnings, 2xx notes.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Explanation">What is wrong, in half a sentence.</param>
/// <param name="Remedy">What to change in the firmware.</param>
/// <param name="Verdict">What the kernel does about it.</param>
/// <param name="Errno">What the kernel's boot returns; Ok when it goes on.</param>
public sealed record CheckRule(string Id, CheckSeverity Severity, string Explanation, string Remedy, string Verdict, Errno Errno);
