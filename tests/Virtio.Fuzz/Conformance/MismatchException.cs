using System;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>The tested queue does not do what the specification says.</summary>
/// <param name="message">What it does instead.</param>
public sealed class MismatchException(string message) : Exception(message);
