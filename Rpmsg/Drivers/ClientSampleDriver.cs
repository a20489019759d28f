using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>Says hello, answers each message with another hello, and falls silent at the count-th.</summary>
/// <remarks>Source: Linux samples/rpmsg/rpmsg_client_sample.c.</remarks>
internal sealed class ClientSampleDriver(RpmsgClientSampleModule module)
    : RpmsgDriver(RpmsgClientSampleModule.ModuleName, module, ["rpmsg-client-sample"])
{
    private static readonly byte[] Hello = "hello world!"u8.ToArray();

    /// <inheritdoc/>
    public override RpmsgMessageHandler Handler => OnMessageAsync;

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        KernelLog log = device.Kernel.Log;
        log.Info(device, $"new channel: {device.Source} -> {device.Destination}!");
        device.DriverData = new Instance();
        Errno errno = await device.Endpoint!.SendAsync(Hello);
        if (errno != Errno.Ok) log.Error(device, $"rpmsg_send failed: {errno.Kernel()}");
        return errno;
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(RpmsgDevice device)
    {
        device.Kernel.Log.Info(device, "rpmsg sample client driver is removed");
        return ValueTask.CompletedTask;
    }

    private async ValueTask OnMessageAsync(RpmsgMessage message)
    {
        RpmsgDevice device = message.Endpoint.Device;
        if (device.DriverData is not Instance instance) return; // before its probe has begun; the kernel would fault
        KernelLog log = device.Kernel.Log;
        instance.ReceivedCount++;
        log.Info(device, $"incoming msg {instance.ReceivedCount} (src: {message.Source})");
        if (instance.ReceivedCount >= module.Count)
        {
            log.Info(device, "goodbye!");
            return;
        }

        Errno errno = await message.Endpoint.SendAsync(Hello);
        if (errno != Errno.Ok) log.Error(device, $"rpmsg_send failed: {errno.Kernel()}");
    }

    private sealed class Instance
    {
        public int ReceivedCount { get; set; }
    }
}
