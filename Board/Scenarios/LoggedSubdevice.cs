using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Subdevices;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>A platform's subdevice that does nothing but say in the log what it is called to do: <c>P1: start</c>.</summary>
internal sealed class LoggedSubdevice(string name) : Subdevice(name)
{
    /// <summary>Where it says so; set once the machine is made.</summary>
    public DriverModel.Kernel? Kernel { get; set; }

    /// <inheritdoc/>
    public override ValueTask<Errno> PrepareAsync() => new(Say("prepare"));

    /// <inheritdoc/>
    public override ValueTask<Errno> StartAsync() => new(Say("start"));

    /// <inheritdoc/>
    public override ValueTask StopAsync(bool crashed)
    {
        _ = Say(crashed ? "stop crashed" : "stop"); // cannot fail
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override ValueTask UnprepareAsync()
    {
        _ = Say("unprepare"); // cannot fail
        return ValueTask.CompletedTask;
    }

    private Errno Say(string what)
    {
        Kernel?.Log.Write(LogLevel.Info, $"{Name}: {what}");
        return Errno.Ok;
    }
}
