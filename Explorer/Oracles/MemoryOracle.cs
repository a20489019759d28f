using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>No memory is used after its owner freed it, and none before it was published.</summary>
/// <remarks>
/// A ring whose da or notifyid is unset breaks the rule when firmware takes the entry for true, and not before. Firmware that waits for
/// DRIVER_OK reads the entry then, so a da that is published late is no harm to it. Firmware that does not wait
/// (<see cref="Cores.Scripted.RemoteProgram.WaitsForDriver"/>) has read the table at its first instruction, and what was unset there stays
/// unset for it.
/// <para>Memory is told apart by block and generation: an address that was freed and given out again is another's.</para>
/// </remarks>
internal sealed class MemoryOracle(FindingList findings, Scheduler scheduler, bool namesCore)
{
    public void RingTaken(int vdev, int vring, DeviceAddress address, int notifyId)
    {
        if (!address.IsAny && notifyId >= 0) return;
        string what = address.IsAny ? $"da is 0x{address.Value:x}" : $"notifyid is 0x{notifyId:x}";
        findings.Add(OracleRule.Memory, $"{Core}vdev{vdev} vring{vring} unpublished",
            $"{Core}vdev{vdev} vring{vring} {what} when the remote reads the table", $"vdev{vdev} table entry");
    }

    public void UsedAfterFree(MemoryBlock block, int vdev, int vring, bool isBuffer)
    {
        string use = isBuffer ? $"a buffer of vdev{vdev} vring{vring}" : $"vdev{vdev} vring{vring}";
        MemoryBlock? other = block.Bank.FindBlock(block.Address);
        string now = other is { IsFreed: false } ? $"; the address is now {other.Owner}'s, generation {other.Generation}" : "";
        findings.Add(OracleRule.Memory, $"{Core}vdev{vdev} vring{vring} {(isBuffer ? "buffer " : "")}used after free",
            $"{Core}the remote uses {use} in {block} by {block.FreedBy} in {block.FreedIn}{now}", $"{block.Owner} memory");
    }

    /// <param name="vdev">Place of the vdev in the table.</param>
    /// <param name="fault">The ring, what is wrong with its address, and the address: <c>vring1: BufferUnmapped 0x0</c>.</param>
    public void RingRefused(int vdev, string fault) =>
        findings.Add(OracleRule.Memory, $"{Core}vdev{vdev} {fault[..fault.LastIndexOf(' ')]}",
            $"{Core}the remote stops vdev{vdev} {fault}: no memory is there");

    private string Core => namesCore && scheduler.Current is { } task ? task.Cpu.Name + " " : "";
}
