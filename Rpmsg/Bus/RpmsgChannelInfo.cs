using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>What names a channel. Source: Linux include/linux/rpmsg.h, struct rpmsg_channel_info.</summary>
/// <param name="Name">The service, up to 31 characters.</param>
/// <param name="Source">Our side; <see cref="RpmsgAddress.Any"/> for "whatever it is", or "choose one".</param>
/// <param name="Destination">The remote's side; Any for "whatever it is", or "not bound yet".</param>
public readonly record struct RpmsgChannelInfo(string Name, RpmsgAddress Source, RpmsgAddress Destination);
