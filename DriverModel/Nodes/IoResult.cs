using RemoteprocEmu.Platform;

namespace RemoteprocEmu.DriverModel.Nodes;

/// <summary>What read(2) or write(2) came to.</summary>
/// <param name="Errno">Ok, or why not.</param>
/// <param name="LengthBytes">Bytes that were moved; 0 unless Ok. A read of 0 is the end of the file.</param>
public readonly record struct IoResult(Errno Errno, int LengthBytes)
{
    /// <summary>Nothing was moved.</summary>
    public static IoResult Failed(Errno errno) => new(errno, 0);

    /// <summary>So much was moved.</summary>
    public static IoResult Moved(int lengthBytes) => new(Errno.Ok, lengthBytes);

    /// <summary>As strace shows it: <c>12</c>, <c>-EPIPE</c>.</summary>
    public override string ToString() => Errno == Errno.Ok ? $"{LengthBytes}" : Errno.Name();
}
