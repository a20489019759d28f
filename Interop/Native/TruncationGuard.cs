using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace RemoteprocEmu.Interop.Native;

/// <summary>Lets this process live when memory that a peer shares is cut off under it: touching what is gone is SIGBUS.</summary>
/// <remarks>
/// A signal handler of machine code, since managed code may not run in one. It looks the address up in a table of guarded ranges. One of
/// those is replaced, whole, by private memory that reads as zero, the entry is marked, and the access is made again; any other fault
/// goes to the handler that was there before, the runtime's. Who uses the memory asks <see cref="HasStruck"/> afterwards and ends its
/// business with the peer.
/// <code>
/// entry: start, end, faults, unused   (64 bits each; start and end are 0 in a free one)
/// </code>
/// x86-64 only. On other processors, and where the system forbids new code, nothing is guarded and such a peer ends the process.
/// Source: docs/decisions/0008-memory-that-shrinks.md; sigaction(2), mmap(2).
/// </remarks>
public static unsafe class TruncationGuard
{
    private const int EntryCount = 256;
    private const int EntryWords = 4;
    private const int EntryBytes = EntryWords * sizeof(ulong);

    private static readonly Lock s_gate = new();
    private static ulong* s_table;
    private static bool s_isTried;

    /// <summary>Whether ranges are guarded on this machine.</summary>
    public static bool IsOn
    {
        get
        {
            lock (s_gate) return TryInstall();
        }
    }

    /// <summary>Guards a mapping of a peer's memory.</summary>
    /// <param name="start">Its first byte; at a page.</param>
    /// <param name="lengthBytes">Its size; whole pages.</param>
    /// <returns>The entry, for the other calls; -1 when it is not guarded.</returns>
    public static int Add(byte* start, long lengthBytes)
    {
        lock (s_gate)
        {
            if (!TryInstall()) return -1;
            for (int entry = 0; entry < EntryCount; entry++)
            {
                ulong* words = s_table + (entry * EntryWords);
                if (words[1] != 0) continue;
                words[2] = 0;
                Volatile.Write(ref words[0], (ulong)start);
                Volatile.Write(ref words[1], (ulong)start + (ulong)lengthBytes); // with its end it is valid
                return entry;
            }

            return -1;
        }
    }

    /// <summary>Whether memory of the range was gone when it was used. It is then zero, and the process' own.</summary>
    public static bool HasStruck(int entry) => entry >= 0 && Volatile.Read(ref s_table[(entry * EntryWords) + 2]) != 0;

    /// <summary>Ends the guard, before the mapping ends.</summary>
    public static void Remove(int entry)
    {
        if (entry < 0) return;
        lock (s_gate)
        {
            ulong* words = s_table + (entry * EntryWords);
            Volatile.Write(ref words[1], 0);
            Volatile.Write(ref words[0], 0);
        }
    }

    /// <summary>Under the gate: once a process.</summary>
    private static bool TryInstall()
    {
        if (s_isTried) return s_table is not null;
        s_isTried = true;
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64) return false;
        nuint tableBytes = EntryCount * EntryBytes, codeBytes = 4096;
        nint table = Map(tableBytes), code = Map(codeBytes);
        Libc.SignalAction previous;
        if (table == -1 || code == -1 || Libc.SigAction(Libc.SigBus, null, &previous) != 0) return false;
        // SAFETY: both mappings are ours, larger than what is written, and never unmapped: a handler cannot be taken back safely.
        WriteCode(new Span<byte>((void*)code, (int)codeBytes), table, previous.Handler);
        if (Libc.MProtect(code, codeBytes, Libc.ProtRead | Libc.ProtExec) != 0) return false;
        Libc.SignalAction action = previous;
        action.Handler = code;
        action.Flags |= Libc.SaSigInfo;
        if (Libc.SigAction(Libc.SigBus, &action, null) != 0) return false;
        s_table = (ulong*)table;
        return true;
    }

    private static nint Map(nuint lengthBytes) =>
        Libc.MMap(0, lengthBytes, Libc.ProtRead | Libc.ProtWrite, Libc.MapPrivate | Libc.MapAnonymous, -1, 0);

    /// <summary>void handler(int signal, siginfo_t *info, void *context), System V calling convention.</summary>
    private static void WriteCode(Span<byte> code, nint table, nint previous)
    {
        int at = 0;
        Put(code, ref at, 0x48, 0x8b, 0x46, 0x10);              //        mov  rax, [rsi+16]      si_addr
        Put(code, ref at, 0x49, 0xb8);                          //        mov  r8, table
        MemoryMarshal.Write(code[at..], table);
        at += sizeof(long);
        Put(code, ref at, 0xb9, EntryCount & 0xff, EntryCount >> 8, 0, 0); //  mov  ecx, EntryCount
        Put(code, ref at, 0x49, 0x3b, 0x00);                    // look:  cmp  rax, [r8]
        Put(code, ref at, 0x72, 0x06);                          //        jb   next
        Put(code, ref at, 0x49, 0x3b, 0x40, 0x08);              //        cmp  rax, [r8+8]
        Put(code, ref at, 0x72, 0x14);                          //        jb   found
        Put(code, ref at, 0x49, 0x83, 0xc0, EntryBytes);        // next:  add  r8, EntryBytes
        Put(code, ref at, 0xff, 0xc9);                          //        dec  ecx
        Put(code, ref at, 0x75, 0xed);                          //        jnz  look
        Put(code, ref at, 0x48, 0xb8);                          // other: mov  rax, previous
        MemoryMarshal.Write(code[at..], previous);
        at += sizeof(long);
        Put(code, ref at, 0xff, 0xe0);                          //        jmp  rax
        Put(code, ref at, 0xf0, 0x49, 0xff, 0x40, 0x10);        // found: lock inc qword [r8+16]
        Put(code, ref at, 0x57, 0x56, 0x52);                    //        push rdi, rsi, rdx
        Put(code, ref at, 0x49, 0x8b, 0x38);                    //        mov  rdi, [r8]          addr
        Put(code, ref at, 0x49, 0x8b, 0x70, 0x08);              //        mov  rsi, [r8+8]
        Put(code, ref at, 0x48, 0x29, 0xfe);                    //        sub  rsi, rdi           length
        Put(code, ref at, 0xba, 0x03, 0, 0, 0);                 //        mov  edx, 3             PROT_READ | PROT_WRITE
        Put(code, ref at, 0x41, 0xba, 0x32, 0x40, 0, 0);        //        mov  r10d, 0x4032       PRIVATE | FIXED | ANONYMOUS | NORESERVE
        Put(code, ref at, 0x49, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff); //   mov  r8, -1             fd
        Put(code, ref at, 0x45, 0x31, 0xc9);                    //        xor  r9d, r9d           offset
        Put(code, ref at, 0xb8, 0x09, 0, 0, 0);                 //        mov  eax, 9             mmap
        Put(code, ref at, 0x0f, 0x05);                          //        syscall
        Put(code, ref at, 0x5a, 0x5e, 0x5f);                    //        pop  rdx, rsi, rdi
        Put(code, ref at, 0x48, 0x85, 0xc0);                    //        test rax, rax
        Put(code, ref at, 0x78, 0xbe);                          //        js   other              not replaced: as if not guarded
        Put(code, ref at, 0xc3);                                //        ret                     the access is made again
    }

    private static void Put(Span<byte> code, ref int at, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(code[at..]);
        at += bytes.Length;
    }
}
