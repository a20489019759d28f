using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Tests;

/// <summary>A message as the host took it out of a buffer, or a lie of the remote's about one.</summary>
internal readonly record struct HostMessage(
    RpmsgAddress Source, RpmsgAddress Destination, int HeaderLengthBytes, uint UsedLengthBytes, byte[] Payload)
{
    /// <summary>What it says as a name service message, <c>create rpmsg-client-sample@1024</c>; empty when it is none.</summary>
    public string Announcement
    {
        get
        {
            if (Destination != RpmsgAddress.NameService || Payload.Length != NameServiceMessage.SizeBytes) return "";
            NameServiceMessage message = MemoryMarshal.Read<NameServiceMessage>(Payload.AsSpan());
            return $"{(message.IsDestroy ? "destroy" : "create")} {message.Name}@{message.Address.Value}";
        }
    }
}
