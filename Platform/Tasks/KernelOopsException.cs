using System;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Thrown where the modelled kernel crashes: it follows a dead pointer. The task dies with it, with the locks it holds.</summary>
/// <remarks>A finding about the kernel, not a defect of this program: that is an <see cref="InvariantException"/>.</remarks>
public sealed class KernelOopsException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public KernelOopsException() { }

    /// <summary>Creates one that says which function followed which pointer.</summary>
    public KernelOopsException(string message) : base(message) { }

    /// <summary>Creates one with a message and a cause.</summary>
    public KernelOopsException(string message, Exception innerException) : base(message, innerException) { }
}
