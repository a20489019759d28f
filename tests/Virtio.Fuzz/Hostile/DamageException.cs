using System;

namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>A hostile peer has made a half do what it must never do.</summary>
/// <param name="message">What.</param>
public sealed class DamageException(string message) : Exception(message);
