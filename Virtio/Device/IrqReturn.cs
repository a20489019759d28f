namespace RemoteprocEmu.Virtio.Device;

/// <summary>What an interrupt handler says. Source: include/linux/irqreturn.h.</summary>
public enum IrqReturn
{
    /// <summary>IRQ_NONE: it was not for us.</summary>
    None = 0,

    /// <summary>IRQ_HANDLED.</summary>
    Handled = 1,
}
