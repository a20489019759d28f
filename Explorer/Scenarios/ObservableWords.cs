using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>What each <see cref="Observable"/> is called in a file, and which values it can have.</summary>
internal static class ObservableWords
{
    private static readonly string[] s_states = ["offline", "suspended", "running", "crashed", "attached", "detached", "none"];
    private static readonly string[] s_consumerStates =
        ["unknown", "reset", "initialised", "message_for_low_power", "message_for_reset", "none"];

    /// <summary>Looked at for a whole processor, by the word in the file.</summary>
    public static readonly IReadOnlyDictionary<string, Observable> OfProcessor =
        new SortedDictionary<string, Observable>(StringComparer.Ordinal)
        {
            ["state"] = Observable.State,
            ["power"] = Observable.Power,
            ["crashes"] = Observable.Crashes,
            ["starts"] = Observable.Starts,
            ["firmware"] = Observable.Firmware,
            ["channels"] = Observable.Channels,
            ["received"] = Observable.Received,
            ["heard"] = Observable.Heard,
            ["vdevs"] = Observable.Vdevs,
            ["live_table"] = Observable.LiveTable,
            ["consumer"] = Observable.Consumer,
        };

    /// <summary>Looked at for a vdev as it is now.</summary>
    public static readonly IReadOnlyDictionary<string, Observable> OfVdev =
        new SortedDictionary<string, Observable>(StringComparer.Ordinal)
        {
            ["status"] = Observable.Status,
            ["gfeatures"] = Observable.Features,
            ["driver"] = Observable.Driver,
            ["da"] = Observable.Da,
            ["notifyid"] = Observable.NotifyId,
        };

    /// <summary>Looked at for a vdev as the firmware found it.</summary>
    public static readonly IReadOnlyDictionary<string, Observable> OfFirstVdev =
        new SortedDictionary<string, Observable>(StringComparer.Ordinal)
        {
            ["status"] = Observable.FirstStatus,
            ["gfeatures"] = Observable.FirstFeatures,
            ["da"] = Observable.FirstDa,
            ["notifyid"] = Observable.FirstNotifyId,
        };

    /// <summary>The words that an observable can be; empty when it is a number or a text.</summary>
    public static ReadOnlySpan<string> WordsOf(Observable observable) => observable switch
    {
        Observable.State => s_states,
        Observable.Consumer => s_consumerStates,
        Observable.Da or Observable.FirstDa => ["any", "valid"],
        Observable.NotifyId or Observable.FirstNotifyId => ["any"],
        Observable.Memory => ["kept", "freed", "none"],
        Observable.LiveTable => ["clean", "changed", "none"],
        _ => [],
    };

    /// <summary>Whether any text is a value: a file's name, a driver, a line of the log.</summary>
    public static bool IsText(Observable observable) =>
        observable is Observable.Firmware or Observable.Driver or Observable.Heard or Observable.Log or Observable.NoLog;

    /// <summary>Whether a number is a value.</summary>
    public static bool IsNumber(Observable observable) => !IsText(observable) &&
        observable is not (Observable.State or Observable.Consumer or Observable.Memory or Observable.LiveTable);

    /// <summary>What a file calls it.</summary>
    public static string Of(Observable observable)
    {
        foreach ((string word, Observable other) in OfProcessor)
        {
            if (other == observable) return word;
        }

        foreach ((string word, Observable other) in OfVdev)
        {
            if (other == observable) return word;
        }

        foreach ((string word, Observable other) in OfFirstVdev)
        {
            if (other == observable) return "first_instruction " + word;
        }

        return observable switch { Observable.Memory => "memory", Observable.Log => "log", _ => "no_log" };
    }
}
