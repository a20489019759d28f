using System;

namespace RemoteprocEmu.Board.Link;

/// <summary>A link cannot be set up.</summary>
public sealed class LinkException : Exception
{
    /// <summary>Creates one without words.</summary>
    public LinkException() : this(new LinkFault(LinkFaultKind.Place, "the link cannot be set up")) { }

    /// <summary>Creates one.</summary>
    public LinkException(string message) : this(new LinkFault(LinkFaultKind.Place, message)) { }

    /// <summary>Creates one with its cause.</summary>
    public LinkException(string message, Exception innerException)
        : base(message, innerException) => Fault = new LinkFault(LinkFaultKind.Place, message);

    /// <summary>Creates one from a fault.</summary>
    public LinkException(LinkFault fault) : base(fault.Text) => Fault = fault;

    /// <summary>What is wrong.</summary>
    public LinkFault Fault { get; }
}
