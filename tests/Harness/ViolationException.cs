using System;

namespace RemoteprocEmu.Harness;

/// <summary>What must never happen has happened in an explored run. Anything else that a body throws is a defect of the test.</summary>
/// <param name="message">What, in words.</param>
public sealed class ViolationException(string message) : Exception(message);
