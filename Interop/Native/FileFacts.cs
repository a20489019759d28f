using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Interop.Native;

/// <summary>What a descriptor that somebody gave us stands for. Source: statx(2).</summary>
public static unsafe class FileFacts
{
    /// <summary>Asks the kernel.</summary>
    /// <param name="descriptor">The descriptor. Not trusted to be a file.</param>
    /// <param name="mode">Type and permissions: st_mode.</param>
    /// <param name="sizeBytes">Its length now.</param>
    /// <returns>False when there is nothing to be known.</returns>
    public static bool TryGet(SafeFileHandle descriptor, out ushort mode, out ulong sizeBytes)
    {
        Libc.Statx facts = default;
        bool isKnown = Libc.StatX(descriptor, "", Libc.AtEmptyPath, Libc.StatxType | Libc.StatxSize, &facts) == 0;
        mode = facts.Mode;
        sizeBytes = facts.SizeBytes;
        return isKnown;
    }
}
