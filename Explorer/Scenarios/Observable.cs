namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>What a scenario can look at.</summary>
public enum Observable
{
    /// <summary>The processor's state, in sysfs' words; <c>none</c> while its driver is not loaded.</summary>
    State,
    /// <summary>Its users.</summary>
    Power,
    /// <summary>Crashes so far.</summary>
    Crashes,
    /// <summary>Times that the core was started.</summary>
    Starts,
    /// <summary>What sysfs shows as its firmware.</summary>
    Firmware,
    /// <summary>Channels that it has announced, or the host has made, without the bus's own.</summary>
    Channels,
    /// <summary>Messages that the firmware has received, on all vdevs.</summary>
    Received,
    /// <summary>What the host has announced to the firmware: <c>create NAME ADDRESS, destroy NAME ADDRESS</c>.</summary>
    Heard,
    /// <summary>Vdevs that the processor has.</summary>
    Vdevs,
    /// <summary>A vdev's status byte in the table, now.</summary>
    Status,
    /// <summary>A vdev's gfeatures in the table, now.</summary>
    Features,
    /// <summary>A vring's device address in the table, now: <c>any</c>, <c>valid</c>, or a number.</summary>
    Da,
    /// <summary>A vring's notifyid in the table, now.</summary>
    NotifyId,
    /// <summary>The driver that a vdev's virtio device has; <c>none</c>.</summary>
    Driver,
    /// <summary><see cref="Status"/>, as the firmware found it at its first instruction.</summary>
    FirstStatus,
    /// <summary><see cref="Features"/>, as the firmware found them.</summary>
    FirstFeatures,
    /// <summary><see cref="Da"/>, as the firmware found it.</summary>
    FirstDa,
    /// <summary><see cref="NotifyId"/>, as the firmware found it.</summary>
    FirstNotifyId,
    /// <summary>Memory that was there when the explored part began: <c>kept</c>, <c>freed</c>, <c>none</c> when it was not there.</summary>
    Memory,
    /// <summary>The table that an attached processor lives with: <c>clean</c> when it is as the processor came with it.</summary>
    LiveTable,
    /// <summary>A text that some line of the log has, after the line before.</summary>
    Log,
    /// <summary>A text that no line of the log has.</summary>
    NoLog,
    /// <summary>What wkup_m3_ipc believes of the processor.</summary>
    Consumer,
}
