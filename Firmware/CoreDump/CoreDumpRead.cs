using System;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.CoreDump;

/// <summary>Reads the remote's memory for a dump.</summary>
/// <param name="address">Device address of the first byte wanted.</param>
/// <param name="into">To be filled whole.</param>
/// <returns>False when any of it cannot be read; the dump then holds 0xFF there.</returns>
public delegate bool CoreDumpRead(DeviceAddress address, Span<byte> into);
