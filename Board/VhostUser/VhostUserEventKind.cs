namespace RemoteprocEmu.Board.VhostUser;

/// <summary>What kind of thing has happened at a port.</summary>
public enum VhostUserEventKind
{
    /// <summary>The socket is there.</summary>
    Listening,
    /// <summary>A front end has connected.</summary>
    Connected,
    /// <summary>A driver is there: the device is in use.</summary>
    DriverOk,
    /// <summary>The driver has gone.</summary>
    DriverGone,
    /// <summary>A message was refused.</summary>
    Refused,
    /// <summary>The connection is over; the text says why.</summary>
    Disconnected,
    /// <summary>The firmware has written a line.</summary>
    Firmware,
    /// <summary>The firmware has crashed, and starts anew.</summary>
    Crashed,
    /// <summary>A message, a kick or a call.</summary>
    Message,
}
