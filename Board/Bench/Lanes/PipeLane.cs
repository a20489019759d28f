using System;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>A pipe of System.IO.Pipelines: messages are written into its segments and read there.</summary>
internal static class PipeLane
{
    /// <summary>Makes the pipe: it holds as many messages as a ring of the case would.</summary>
    public static Pipe New(BenchCase benchCase) => new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: (long)benchCase.Ring * benchCase.PayloadBytes,
        resumeWriterThreshold: (long)benchCase.Ring * benchCase.PayloadBytes / 2,
        useSynchronizationContext: false));

    /// <summary>The sending half.</summary>
    public struct Writer(PipeWriter writer, int payloadBytes) : ISendHalf
    {
        private ValueTaskAwaiter<FlushResult> _flush;
        private bool _isPaused;

        /// <inheritdoc/>
        public readonly long KickCount => 0;

        /// <inheritdoc/>
        public int TrySend(ulong first, int count)
        {
            if (_isPaused)
            {
                if (!_flush.IsCompleted) return 0;
                _ = _flush.GetResult();
                _isPaused = false;
            }

            for (int i = 0; i < count; i++)
            {
                Payload.Write(ref MemoryMarshal.GetReference(writer.GetSpan(payloadBytes)), payloadBytes, first + (uint)i);
                writer.Advance(payloadBytes);
            }

#pragma warning disable CA2012 // asked whether it is complete, and consumed once when it is
            _flush = writer.FlushAsync().GetAwaiter();
#pragma warning restore CA2012
            if (_flush.IsCompleted) _ = _flush.GetResult();
            else _isPaused = true;
            return count;
        }

        /// <inheritdoc/>
        public readonly bool TryArm() => false;

        /// <inheritdoc/>
        public readonly void Disarm() { }
    }

    /// <summary>The receiving half.</summary>
    public readonly struct Reader(PipeReader reader, int payloadBytes) : IReceiveHalf
    {
        /// <inheritdoc/>
        public long KickCount => 0;

        /// <inheritdoc/>
        public int TryReceive(ulong first, int countMax)
        {
            if (!reader.TryRead(out ReadResult result)) return 0;
            int count = 0;
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                ReadOnlySpan<byte> bytes = segment.Span; // a message lies in one segment: it was written into one span
                while (bytes.Length >= payloadBytes && count < countMax)
                {
                    if (!Payload.Is(ref MemoryMarshal.GetReference(bytes), payloadBytes, first + (uint)count))
                        Payload.ThrowWrong(first + (uint)count);
                    bytes = bytes[payloadBytes..];
                    count++;
                }
            }

            reader.AdvanceTo(result.Buffer.GetPosition((long)count * payloadBytes));
            return count;
        }

        /// <inheritdoc/>
        public bool TryArm() => false;

        /// <inheritdoc/>
        public void Disarm() { }
    }
}
