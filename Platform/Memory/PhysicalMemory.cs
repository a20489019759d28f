using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>Everything on the SoC's bus that has memory behind it.</summary>
public sealed class PhysicalMemory
{
    private readonly List<MemoryBank> _banks = [];

    /// <summary>The banks, in the order in which they were added.</summary>
    public IReadOnlyList<MemoryBank> Banks => _banks;

    /// <summary>Puts a bank on the bus, before any processor runs.</summary>
    /// <exception cref="ArgumentException">It overlaps another.</exception>
    public void Add(MemoryBank bank)
    {
        ArgumentNullException.ThrowIfNull(bank);
        foreach (MemoryBank other in _banks)
        {
            ulong end = bank.Address.Value + (ulong)bank.SizeBytes, otherEnd = other.Address.Value + (ulong)other.SizeBytes;
            if (bank.Address.Value < otherEnd && other.Address.Value < end)
                throw new ArgumentException($"bank {bank} overlaps bank {other}", nameof(bank));
        }

        _banks.Add(bank);
    }

    /// <summary>Takes a bank off the bus. No processor may be in the middle of an access: only where one thread does both.</summary>
    /// <returns>False when it is not there.</returns>
    public bool Remove(MemoryBank bank) => _banks.Remove(bank);

    /// <summary>The bank that holds a whole range; null when none does.</summary>
    public MemoryBank? Find(PhysicalAddress address, ulong lengthBytes)
    {
        foreach (MemoryBank bank in _banks)
        {
            if (bank.Contains(address, lengthBytes)) return bank;
        }

        return null;
    }
}
