using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Platform;

/// <summary>Thrown when this program contradicts itself. Always our defect, never the peer's or the caller's.</summary>
public sealed class InvariantException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public InvariantException() { }

    /// <summary>Creates one that says which invariant broke.</summary>
    public InvariantException(string message) : base(message) { }

    /// <summary>Creates one that says which invariant broke, and what led there.</summary>
    public InvariantException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>Checks of our own promises. On in Release too.</summary>
public static class Invariant
{
    /// <summary>Ends the run when <paramref name="holds"/> is false.</summary>
    /// <param name="holds">What must be true here.</param>
    /// <param name="what">The promise, as a sentence.</param>
    /// <param name="expression">Filled in by the compiler.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Check([DoesNotReturnIf(false)] bool holds, string what,
        [CallerArgumentExpression(nameof(holds))] string expression = "")
    {
        if (!holds) Broken(what, expression);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Broken(string what, string expression) =>
        throw new InvariantException($"invariant broken: {what} ({expression})");
}
