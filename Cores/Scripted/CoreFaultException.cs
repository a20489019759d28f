using System;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>Ends a program the way a fault ends firmware: thrown by <see cref="RemoteContext.Crash"/>, caught by the core alone.</summary>
public sealed class CoreFaultException : Exception
{
    /// <summary>Creates a fatal error.</summary>
    public CoreFaultException() : this(CoreFaultKind.FatalError, "the firmware gave up") { }

    /// <summary>Creates a fatal error with a message.</summary>
    public CoreFaultException(string message) : this(CoreFaultKind.FatalError, message) { }

    /// <summary>Creates a fatal error with a message and a cause.</summary>
    public CoreFaultException(string message, Exception innerException) : base(message, innerException) => Kind = CoreFaultKind.FatalError;

    /// <summary>Creates a fault of a kind.</summary>
    public CoreFaultException(CoreFaultKind kind, string message) : base(message) => Kind = kind;

    /// <summary>What the host is told.</summary>
    public CoreFaultKind Kind { get; }
}
