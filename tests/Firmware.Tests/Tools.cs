using System.ComponentModel;
using System.Diagnostics;
using System.Threading.Tasks;

namespace RemoteprocEmu.Firmware.Tests;

/// <summary>Other people's programs that read the same files.</summary>
internal static class Tools
{
    /// <summary>What a tool prints, errors included; null when it is not installed.</summary>
    internal static string? Run(string tool, params string[] arguments)
    {
        ProcessStartInfo start = new(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output + errors.GetAwaiter().GetResult();
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
