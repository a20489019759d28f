using System;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>The image that a boot works on, as far as it has been understood.</summary>
internal sealed class BootImage(ReadOnlyMemory<byte> file)
{
    /// <summary>The file, as request_firmware gave it.</summary>
    public ReadOnlyMemory<byte> File { get; } = file;

    /// <summary>The image; good once <see cref="CheckImage"/> has passed.</summary>
    public ElfImage Elf { get; set; }
}
