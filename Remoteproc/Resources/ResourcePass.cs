namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>Which entries of a table are handled in one go. Kernel: the handler tables of rproc_handle_resources up to v4.9.</summary>
internal enum ResourcePass
{
    /// <summary>All, in table order.</summary>
    All,
    /// <summary>Vdevs alone. Kernel: rproc_vdev_handler.</summary>
    Vdevs,
    /// <summary>All but vdevs. Kernel: rproc_loading_handlers.</summary>
    Others,
}
