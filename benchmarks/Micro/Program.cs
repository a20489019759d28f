using System.Collections.Generic;
using System.Linq;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project benchmarks/Micro -- --filter '*Mutex*'
// A benchmark asserts its own result: one that fails, or that does not run at all, makes this program fail.
IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
bool isListing = args.Contains("--list") || args.Contains("--help");
bool isGood = summaries.Any() &&
    summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
return isListing || isGood ? 0 : 1;
