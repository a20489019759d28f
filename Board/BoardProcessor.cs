using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Platforms;

namespace RemoteprocEmu.Board;

/// <summary>A remote processor as the board has it: there before any module is loaded.</summary>
public sealed class BoardProcessor
{
    internal BoardProcessor(ProcessorOptions options, IRemoteCore core, PlatformDevice device, RemoteMemory memory)
    {
        Options = options;
        Core = core;
        Device = device;
        Memory = memory;
    }

    /// <summary>What it was made from.</summary>
    public ProcessorOptions Options { get; }

    /// <summary>What runs behind its doorbell.</summary>
    public IRemoteCore Core { get; }

    /// <summary>Its node on the platform bus; its name is the handle that consumers use.</summary>
    public PlatformDevice Device { get; }

    /// <summary>Memory, as it reaches it.</summary>
    public RemoteMemory Memory { get; }

    /// <summary>The processor as remoteproc knows it; null while its driver is not loaded.</summary>
    public Rproc? Rproc => RemoteCoreDriver.ProcessorOf(Device);
}
