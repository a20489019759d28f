namespace RemoteprocEmu.Board;

/// <summary>Which build this is: schedules and part results mean something only to the version that made them.</summary>
public static class ProductVersion
{
    /// <summary>The version: <c>0.1.0</c>.</summary>
    public static string Text { get; } = typeof(ProductVersion).Assembly.GetName().Version!.ToString(3);
}
