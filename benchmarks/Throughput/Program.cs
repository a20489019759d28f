using RemoteprocEmu.Cli.Commands;
using RemoteprocEmu.Cli.Output;

// dotnet run -c Release --project benchmarks/Throughput -- [options of rproc bench]
// What messages over vrings cost between two cores, beside channels, pipes and sockets: docs/performance.md.
return RprocCommandLine.Run(["bench", .. args], Terminal.OfProcess());
