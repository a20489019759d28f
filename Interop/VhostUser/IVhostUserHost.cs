using RemoteprocEmu.Interop.Native;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>Who runs a back end: waits on its descriptors, and has the device half. Called while a message is handled.</summary>
public interface IVhostUserHost
{
    /// <summary>A ring's kicks come on this descriptor from here on.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="kick">The descriptor; <see cref="VhostUserBackend.OnKickDescriptor"/> wants to hear of it.</param>
    void WatchKick(int ring, NotifyDescriptor kick);

    /// <summary>They come there no longer; the descriptor is closed next.</summary>
    void UnwatchKick(NotifyDescriptor kick);

    /// <summary>The guest has kicked a ring.</summary>
    void Kicked(int ring);

    /// <summary>The status byte, a ring or the memory has changed. Before this returns, the device half must have looked at the status,
    /// and use nothing of a device that was stopped.</summary>
    void DeviceChanged();

    /// <summary>What a person who follows the conversation may want to read; called only where <see cref="WantsNotes"/>.</summary>
    void Note(string text);

    /// <summary>Whether <see cref="Note"/> is for anybody: making the text costs something.</summary>
    bool WantsNotes { get; }
}
