namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>What an endpoint does when the remote wants it to send less, or no longer minds. Kernel: rpmsg_flowcontrol_cb_t.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="isRestricted">Whether it shall stop sending.</param>
public delegate void RpmsgFlowHandler(RpmsgEndpoint endpoint, bool isRestricted);
