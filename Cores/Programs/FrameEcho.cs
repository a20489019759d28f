using System;
using RemoteprocEmu.Virtio.Net;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Sends each frame back to who sent it: a scripted peer at the other end of the wire.</summary>
public static class FrameEcho
{
    private const int AddressesBytes = 2 * MacAddress.SizeBytes;

    /// <summary>Answers a frame with the same, its two addresses exchanged. One that finds no buffer of the host's is lost, as on a
    /// wire.</summary>
    public static void OnFrame(RemoteNet net, ReadOnlySpan<byte> frame)
    {
        ArgumentNullException.ThrowIfNull(net);
        Span<byte> answer = frame.Length <= 2048 ? stackalloc byte[frame.Length] : new byte[frame.Length];
        frame[..MacAddress.SizeBytes].CopyTo(answer[MacAddress.SizeBytes..]);
        frame[MacAddress.SizeBytes..AddressesBytes].CopyTo(answer);
        frame[AddressesBytes..].CopyTo(answer[AddressesBytes..]);
        _ = net.TrySend(answer); // a wire tells nobody
    }
}
