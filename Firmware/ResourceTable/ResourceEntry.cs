namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>Where one entry stands in its table and what type it has; numbers only, so it may be kept.</summary>
/// <param name="Index">Position in the offset array.</param>
/// <param name="Type">The entry's first word.</param>
/// <param name="Offset">Byte offset of the entry in the table.</param>
/// <param name="AvailableBytes">Bytes from the payload to the end of the table: the handler's <c>avail</c>.</param>
public readonly record struct ResourceEntry(int Index, ResourceType Type, int Offset, int AvailableBytes)
{
    /// <summary>Byte offset of the payload in the table: the number the kernel keeps as <c>rsc_offset</c>.</summary>
    public int PayloadOffset => Offset + ResourceTableHeader.EntryHeaderBytes;
}
