using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel.FirmwareFiles;

/// <summary>/lib/firmware and the functions that read it. Source: drivers/base/firmware_loader/main.c.</summary>
public sealed class FirmwareClass
{
    private readonly Kernel _kernel;
    private readonly SharedState _shared;
    private SortedDictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);
    private SortedDictionary<string, ReadOnlyMemory<byte>>? _marked; // the same object while nothing has changed since the mark

    internal FirmwareClass(Kernel kernel)
    {
        _kernel = kernel;
        _shared = new SharedState(kernel.Scheduler, "/lib/firmware");
    }

    /// <summary>Puts a file there, or replaces it. The bytes are not copied and must not change.</summary>
    public void Provide(string name, ReadOnlyMemory<byte> content) => Change()[name] = content;

    /// <summary>Takes a file away.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string name) => Change().Remove(name);

    /// <summary>Reads a file. Kernel: request_firmware.</summary>
    /// <returns>Ok with its bytes; ENOENT without.</returns>
    public async ValueTask<(Errno Errno, ReadOnlyMemory<byte> Content)> RequestAsync(string name)
    {
        await _kernel.Scheduler.Point("request_firmware");
        Errno errno = _kernel.Faults.At("request_firmware");
        if (errno != Errno.Ok) return (errno, default);
        _shared.Read();
        return _files.TryGetValue(name, out ReadOnlyMemory<byte> content) ? (Errno.Ok, content) : (Errno.ENOENT, default);
    }

    /// <summary>Reads a file by and by, in a task of its own. Kernel: request_firmware_nowait.</summary>
    /// <param name="name">The file.</param>
    /// <param name="owner">The module whose code the callback is: held until the callback has returned.</param>
    /// <param name="callback">Gets the bytes, or null when there are none; called exactly once, if this returned Ok.</param>
    /// <returns>Ok; EFAULT when the module is on its way out, or not there.</returns>
    public Errno RequestNowait(string name, KernelModule owner, Func<ReadOnlyMemory<byte>?, ValueTask> callback)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (!owner.TryGet()) return Errno.EFAULT;
        _ = _kernel.Scheduler.Spawn("firmware_loading_work", async () =>
        {
            (Errno errno, ReadOnlyMemory<byte> content) = await RequestAsync(name);
            await callback(errno == Errno.Ok ? (ReadOnlyMemory<byte>?)content : null); // a bare null would become empty memory
            owner.Put();
        }, _kernel.Scheduler.Host);
        return Errno.Ok;
    }

    internal void Mark() => _marked = _files;

    internal void Rewind() => _files = _marked!;

    private SortedDictionary<string, ReadOnlyMemory<byte>> Change()
    {
        _shared.Write();
        if (_files == _marked) _files = new SortedDictionary<string, ReadOnlyMemory<byte>>(_files, StringComparer.Ordinal);
        return _files;
    }
}
