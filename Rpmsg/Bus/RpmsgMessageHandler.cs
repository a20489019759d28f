using System.Threading.Tasks;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>What an endpoint does with a message. Kernel: rpmsg_rx_cb_t.</summary>
/// <param name="message">The message, in place; good until the handler's task is done, or as long as it is held.</param>
/// <returns>Done at once where the handler does not wait. While it waits, nothing else of its vdev is received, as in the kernel.</returns>
public delegate ValueTask RpmsgMessageHandler(RpmsgMessage message);
