using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Loading;

/// <summary>What loading an image would do: each PT_LOAD segment in file order, and where the loaded resource table is.</summary>
/// <remarks>
/// <code>
/// foreach (LoadSegment segment in LoadPlan.Of(image))
/// {
///     if (segment.Status != LoadStatus.Ok) return segment.Status.ToErrno();
///     // dst = da_to_va(segment.Address, segment.MemorySizeBytes), -EINVAL when there is none; copy segment.Data; clear segment.ZeroBytes
/// }
/// </code>
/// It takes no memory and touches none; enumerating it allocates nothing. Skipped as the kernel skips them: other types, and p_memsz 0
/// (since v5.19).
/// Source: drivers/remoteproc/remoteproc_elf_loader.c, rproc_elf_load_segments.
/// </remarks>
public readonly struct LoadPlan
{
    private readonly ElfImage _image;
    private readonly ulong _hostSizeMax;

    private LoadPlan(ElfImage image, ulong hostSizeMax)
    {
        _image = image;
        _hostSizeMax = hostSizeMax;
    }

    /// <summary>The plan of an image.</summary>
    /// <param name="image">An opened image.</param>
    /// <param name="hostSizeMax">The host's SIZE_MAX: 0xFFFFFFFF for a 32-bit host.</param>
    public static LoadPlan Of(in ElfImage image, ulong hostSizeMax = ulong.MaxValue) => new(image, hostSizeMax);

    /// <summary>Where the running firmware has its resource table: sh_addr and sh_size of <c>.resource_table</c>.</summary>
    /// <remarks>
    /// Models rproc_elf_find_loaded_rsc_table: the same search and checks as for parsing, then the run address, which no loaded segment
    /// need cover. What da_to_va makes of it is the caller's part.
    /// </remarks>
    /// <param name="table">The section; a default value unless Ok.</param>
    /// <returns>Ok, or why there is no loaded table.</returns>
    public ResourceTableStatus TryFindLoadedTable(out ResourceTableSection table) => ResourceTableSection.TryFind(_image, out table);

    /// <summary>The segments to load, in file order.</summary>
    public Enumerator GetEnumerator() => new(_image, _hostSizeMax);

    /// <summary>Walks the program headers; a struct, so that a foreach allocates nothing.</summary>
    public struct Enumerator
    {
        private readonly ElfImage _image;
        private readonly ulong _hostSizeMax;
        private int _next;

        internal Enumerator(ElfImage image, ulong hostSizeMax)
        {
            _image = image;
            _hostSizeMax = hostSizeMax;
        }

        /// <summary>The segment <see cref="MoveNext"/> found.</summary>
        public LoadSegment Current { get; private set; }

        /// <summary>Goes on to the next segment that the kernel would load, or refuse.</summary>
        /// <returns>False after the last program header.</returns>
        public bool MoveNext()
        {
            while (_next < _image.ProgramHeaderCount)
            {
                int index = _next++;
                ElfProgramHeader header = _image.ProgramHeader(index);
                if (header.Type != ElfSegmentType.Load || header.MemorySizeBytes == 0) continue;

                LoadStatus status = Judge(header);
                Current = new LoadSegment(index, header, status,
                    status == LoadStatus.Ok ? _image.Bytes.Slice((int)header.Offset, (int)header.FileSizeBytes) : default);
                return true;
            }

            return false;
        }

        private readonly LoadStatus Judge(in ElfProgramHeader header)
        {
            if (header.FileSizeBytes > header.MemorySizeBytes) return LoadStatus.FileLargerThanMemory;
            if (ElfSanity.EndsPast((ulong)_image.Bytes.Length, header.Offset, header.FileSizeBytes)) return LoadStatus.PastEndOfFile;
            return header.MemorySizeBytes > _hostSizeMax ? LoadStatus.TooLargeForHost : LoadStatus.Ok;
        }
    }
}
