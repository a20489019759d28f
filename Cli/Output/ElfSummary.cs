using System.Text.Json;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Cli.Output;

/// <summary>What an image is, in one line: class, byte order, machine, entry point.</summary>
internal static class ElfSummary
{
    /// <summary>As text: <c>ELF32 LSB, ARM, entry 0x10000041, 3 segments, 5420 bytes</c>.</summary>
    public static string ToText(in ElfImage image)
    {
        string segments = image.ProgramHeaderCount == 1 ? "1 program header" : $"{image.ProgramHeaderCount} program headers";
        return $"{ClassName(image)} {OrderName(image)}, {MachineName(image.Machine)}, entry 0x{image.BootAddress.Value:x}, " +
            $"{segments}, {image.Bytes.Length} bytes";
    }

    /// <summary>As members of the JSON object that is open.</summary>
    public static void WriteJson(in ElfImage image, Utf8JsonWriter json)
    {
        json.WriteString("class", ClassName(image));
        json.WriteString("byte_order", OrderName(image));
        json.WriteNumber("machine", image.Machine);
        json.WriteString("machine_name", MachineName(image.Machine));
        json.WriteNumber("entry", image.BootAddress.Value);
        json.WriteNumber("size", image.Bytes.Length);
    }

    private static string ClassName(in ElfImage image) => image.Class == ElfClass.Elf64 ? "ELF64" : "ELF32";

    private static string OrderName(in ElfImage image) => image.ByteOrder == ElfByteOrder.Little ? "LSB" : "MSB";

    // Source: elf.h, the EM_ numbers of processors that remoteproc drivers boot.
    private static string MachineName(ushort machine) => machine switch
    {
        0 => "no machine",
        40 => "ARM",
        94 => "Xtensa",
        140 => "TI C6000",
        144 => "TI PRU",
        164 => "Hexagon",
        183 => "AArch64",
        243 => "RISC-V",
        _ => $"machine {machine}",
    };
}
