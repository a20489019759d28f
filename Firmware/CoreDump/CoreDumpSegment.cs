using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.CoreDump;

/// <summary>A piece of the remote's memory to be dumped: the kernel's <c>rproc_dump_segment</c>.</summary>
/// <param name="Address">Device address of its first byte.</param>
/// <param name="SizeBytes">Bytes; 0 is dumped as an empty segment.</param>
public readonly record struct CoreDumpSegment(DeviceAddress Address, ulong SizeBytes);
