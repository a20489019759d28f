using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel.Nodes;

/// <summary>/dev: the character devices that there are, by name. Source: drivers/base/devtmpfs.c, fs/char_dev.c.</summary>
public sealed class DeviceNodes
{
    private const string Root = "/dev/";

    private readonly SortedDictionary<string, DeviceNode> _nodes = new(StringComparer.Ordinal);
    private readonly SharedState _shared;

    internal DeviceNodes(Scheduler scheduler) => _shared = new SharedState(scheduler, "/dev");

    /// <summary>Called after a node has become visible (true) or invisible (false), on the task that did it. Kernel: uevents.</summary>
    public event Action<DeviceNode, bool>? Changed;

    /// <summary>All of them, by name.</summary>
    public IReadOnlyCollection<DeviceNode> All
    {
        get
        {
            _shared.Read();
            return _nodes.Values;
        }
    }

    /// <summary>The node of a name.</summary>
    /// <param name="path"><c>/dev/rpmsg0</c>, or <c>rpmsg0</c>.</param>
    /// <returns>Null when there is none.</returns>
    public DeviceNode? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        _shared.Read();
        return _nodes.GetValueOrDefault(path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..] : path);
    }

    /// <summary>Makes a node visible. Kernel: cdev_device_add.</summary>
    /// <returns>Ok; EEXIST when there is one of that name.</returns>
    public Errno Add(DeviceNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _shared.Write();
        if (!_nodes.TryAdd(node.Name, node)) return Errno.EEXIST;
        Changed?.Invoke(node, true);
        return Errno.Ok;
    }

    /// <summary>Makes a node invisible; who has it open keeps it. Kernel: cdev_device_del.</summary>
    /// <returns>False when it was not visible.</returns>
    public bool Remove(DeviceNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _shared.Write();
        if (_nodes.GetValueOrDefault(node.Name) != node || !_nodes.Remove(node.Name)) return false;
        Changed?.Invoke(node, false);
        return true;
    }

    /// <summary>open(2). Kernel: chrdev_open.</summary>
    /// <param name="path"><c>/dev/rpmsg0</c>, or <c>rpmsg0</c>.</param>
    /// <param name="flags">How.</param>
    /// <returns>
    /// Ok and the file; ENOENT when there is no such node; ENXIO when its module is on the way out; or what the node says. The file is null
    /// unless Ok.
    /// </returns>
    public async ValueTask<(Errno Errno, DeviceFile? File)> OpenAsync(string path, OpenFlags flags)
    {
        if (Find(path) is not { } node) return (Errno.ENOENT, null);
        if (node.Owner?.TryGet() == false) return (Errno.ENXIO, null);
        DeviceFile file = new(node, flags);
        node.Enter();
        node.OpenCount++;
        Errno errno = await node.OpenAsync(file);
        if (errno == Errno.Ok) return (Errno.Ok, file);
        node.OpenCount--;
        node.Owner?.Put();
        return (errno, null);
    }
}
