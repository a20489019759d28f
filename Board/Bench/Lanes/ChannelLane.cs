using System.Threading.Channels;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>A bounded channel of System.Threading.Channels, for one writer and one reader: buffers change hands, bytes stay.</summary>
/// <remarks>
/// The buffers are made before and go round, so that it is the channel that is measured and not the collector. A buffer is written again
/// only when the reader is through with it: there are so many more than the channel holds that one is always free.
/// </remarks>
internal static class ChannelLane
{
    /// <summary>Makes the channel.</summary>
    public static Channel<byte[]> New(BenchCase benchCase) => Channel.CreateBounded<byte[]>(new BoundedChannelOptions(benchCase.Ring)
    {
        SingleReader = true,
        SingleWriter = true,
        AllowSynchronousContinuations = false,
    });

    /// <summary>The sending half.</summary>
    public struct Writer : ISendHalf
    {
        private readonly ChannelWriter<byte[]> _writer;
        private readonly byte[][] _buffers;
        private readonly int _payloadBytes;
        private int _next;

        /// <summary>Makes it, with its buffers.</summary>
        public Writer(ChannelWriter<byte[]> writer, BenchCase benchCase)
        {
            _writer = writer;
            _payloadBytes = benchCase.PayloadBytes;
            _buffers = new byte[benchCase.Ring + 2][]; // in the channel, with the reader, and the one that is written
            for (int i = 0; i < _buffers.Length; i++) _buffers[i] = new byte[_payloadBytes];
        }

        /// <inheritdoc/>
        public readonly long KickCount => 0;

        /// <inheritdoc/>
        public int TrySend(ulong first, int count)
        {
            for (int i = 0; i < count; i++)
            {
                byte[] buffer = _buffers[_next];
                Payload.Write(ref buffer[0], _payloadBytes, first + (uint)i);
                if (!_writer.TryWrite(buffer)) return i;
                if (++_next == _buffers.Length) _next = 0;
            }

            return count;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => false;

        /// <inheritdoc/>
        public readonly void Disarm() { }
    }

    /// <summary>The receiving half.</summary>
    public readonly struct Reader(ChannelReader<byte[]> reader, int payloadBytes) : IReceiveHalf
    {
        /// <inheritdoc/>
        public long KickCount => 0;

        /// <inheritdoc/>
        public int TryReceive(ulong first, int countMax)
        {
            int count = 0;
            while (count < countMax && reader.TryRead(out byte[]? buffer))
            {
                if (!Payload.Is(ref buffer[0], payloadBytes, first + (uint)count)) Payload.ThrowWrong(first + (uint)count);
                count++;
            }

            return count;
        }

        /// <inheritdoc/>
        public bool TryArm() => false;

        /// <inheritdoc/>
        public void Disarm() { }
    }
}
