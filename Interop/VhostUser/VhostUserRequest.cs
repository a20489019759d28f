namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>What a front end asks. Source: QEMU docs/interop/vhost-user.rst, "Front-end message types".</summary>
public enum VhostUserRequest : uint
{
    /// <summary>No request.</summary>
    None,
    /// <summary>Reply: u64, the features of the device and <see cref="VhostUserFeatures.ProtocolFeatures"/>.</summary>
    GetFeatures = 1,
    /// <summary>u64.</summary>
    SetFeatures = 2,
    /// <summary>The session begins.</summary>
    SetOwner = 3,
    /// <summary>Deprecated: some front ends stop all rings with it.</summary>
    ResetOwner = 4,
    /// <summary>u32 count, u32, regions of 32 bytes; a descriptor each.</summary>
    SetMemTable = 5,
    /// <summary>u64 size, u64 offset; the log's descriptor.</summary>
    SetLogBase = 6,
    /// <summary>A descriptor.</summary>
    SetLogFd = 7,
    /// <summary>u32 ring, u32 descriptors.</summary>
    SetVringNum = 8,
    /// <summary>u32 ring, u32 flags, then four u64: user addresses of descriptor table, used ring, available ring; the log's.</summary>
    SetVringAddr = 9,
    /// <summary>u32 ring, u32 position.</summary>
    SetVringBase = 10,
    /// <summary>u32 ring, u32. Stops the ring. Reply: u32 ring, u32 position.</summary>
    GetVringBase = 11,
    /// <summary>u64: ring in bits 0 to 7, bit 8 for no descriptor; else a descriptor.</summary>
    SetVringKick = 12,
    /// <summary>As <see cref="SetVringKick"/>.</summary>
    SetVringCall = 13,
    /// <summary>As <see cref="SetVringKick"/>.</summary>
    SetVringErr = 14,
    /// <summary>Reply: u64, <see cref="VhostUserProtocolFeatures"/>.</summary>
    GetProtocolFeatures = 15,
    /// <summary>u64.</summary>
    SetProtocolFeatures = 16,
    /// <summary>Reply: u64.</summary>
    GetQueueNum = 17,
    /// <summary>u32 ring, u32 0 or 1.</summary>
    SetVringEnable = 18,
    /// <summary>Of net devices.</summary>
    SendRarp = 19,
    /// <summary>Of net devices.</summary>
    NetSetMtu = 20,
    /// <summary>A descriptor: the channel for what the back end asks. SET_SLAVE_REQ_FD in Linux.</summary>
    SetBackendReqFd = 21,
    /// <summary>Of front ends with an IOMMU.</summary>
    IotlbMsg = 22,
    /// <summary>Of legacy devices on hosts of the other byte order.</summary>
    SetVringEndian = 23,
    /// <summary>u32 offset, u32 size, u32 flags, size bytes. Reply: the same, filled; without bytes where there are none.</summary>
    GetConfig = 24,
    /// <summary>As <see cref="GetConfig"/>, without a reply.</summary>
    SetConfig = 25,
    /// <summary>Of crypto devices.</summary>
    CreateCryptoSession = 26,
    /// <summary>Of crypto devices.</summary>
    CloseCryptoSession = 27,
    /// <summary>Of migration.</summary>
    PostcopyAdvise = 28,
    /// <summary>Of migration.</summary>
    PostcopyListen = 29,
    /// <summary>Of migration.</summary>
    PostcopyEnd = 30,
    /// <summary>Of back ends that restart.</summary>
    GetInflightFd = 31,
    /// <summary>Of back ends that restart.</summary>
    SetInflightFd = 32,
    /// <summary>Of GPUs.</summary>
    GpuSetSocket = 33,
    /// <summary>The device is reset.</summary>
    ResetDevice = 34,
    /// <summary>u32 ring, u32. A kick, in band.</summary>
    VringKick = 35,
    /// <summary>Reply: u64.</summary>
    GetMaxMemSlots = 36,
    /// <summary>A region more.</summary>
    AddMemReg = 37,
    /// <summary>A region less.</summary>
    RemMemReg = 38,
    /// <summary>u64, the status byte.</summary>
    SetStatus = 39,
    /// <summary>Reply: u64.</summary>
    GetStatus = 40,
}
