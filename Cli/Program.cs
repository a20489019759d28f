using RemoteprocEmu.Cli.Commands;
using RemoteprocEmu.Cli.Output;

return RprocCommandLine.Run(args, Terminal.OfProcess());
