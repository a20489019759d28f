using System;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Tests;

/// <summary>Firmware that a test writes where it needs it.</summary>
internal sealed class TestProgram(Func<RemoteContext, ValueTask> body) : RemoteProgram
{
    public override string Name => "test";

    public override ValueTask RunAsync(RemoteContext context) => body(context);
}
