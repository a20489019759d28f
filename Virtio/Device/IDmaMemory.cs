using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>Where a virtio driver gets memory that its device can reach: the coherent memory of the device's parent.</summary>
/// <remarks>Source: kernel/dma/mapping.c, dma_alloc_coherent, dma_free_coherent.</remarks>
public interface IDmaMemory
{
    /// <summary>Gives out zeroed memory.</summary>
    /// <param name="owner">Who asks.</param>
    /// <param name="lengthBytes">How much; above 0.</param>
    /// <param name="buffer">The memory, of exactly that length; null unless Ok.</param>
    /// <returns>Ok or ENOMEM.</returns>
    Errno TryAllocate(string owner, int lengthBytes, out DmaBuffer? buffer);

    /// <summary>Takes memory back. Once; from then on nobody uses it.</summary>
    void Free(DmaBuffer buffer);
}
