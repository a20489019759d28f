namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>One half of something that carries messages, for one thread.</summary>
/// <remarks>Halves are structs, so that the loops over them are compiled for each, without a virtual call.</remarks>
internal interface IHalf
{
    /// <summary>Times that it has rung the other half.</summary>
    long KickCount { get; }

    /// <summary>Asks to be rung when something comes.</summary>
    /// <returns>False when something slipped in: it must look before it sleeps.</returns>
    bool TryArm();

    /// <summary>It looks by itself: no rings are needed.</summary>
    void Disarm();
}

/// <summary>A half that sends.</summary>
internal interface ISendHalf : IHalf
{
    /// <summary>Writes messages, shows them to the other half at once, and rings it if it has asked for that.</summary>
    /// <param name="first">Number of the first.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>How many there was room for.</returns>
    int TrySend(ulong first, int count);
}

/// <summary>A half that receives.</summary>
internal interface IReceiveHalf : IHalf
{
    /// <summary>Reads and verifies what has come, gives the buffers back, and rings the other half if it has asked for that.</summary>
    /// <param name="first">Number of the message that is expected.</param>
    /// <param name="countMax">At most so many.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="BenchFailureException">One is not the message expected.</exception>
    int TryReceive(ulong first, int countMax);
}
