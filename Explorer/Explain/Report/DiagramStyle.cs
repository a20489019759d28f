namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>The style sheet of the pictures: dark on light, the colours of docs/img.</summary>
internal static class DiagramStyle
{
    public const string Text = """
        <defs>
          <marker id="tip" viewBox="0 0 10 10" refX="9" refY="5"
                  markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0 L10 5 L0 10 z" fill="#2f6f9f"/>
          </marker>
          <marker id="tip-red" viewBox="0 0 10 10" refX="9" refY="5"
                  markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0 L10 5 L0 10 z" fill="#b3392f"/>
          </marker>
          <marker id="tip-grey" viewBox="0 0 10 10" refX="9" refY="5"
                  markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0 L10 5 L0 10 z" fill="#5a6875"/>
          </marker>
        </defs>
        <style>
          .sheet { fill: #ffffff; stroke: #c7ced6; }
          text { font-family: ui-sans-serif, 'DejaVu Sans', Helvetica, Arial, sans-serif; font-size: 13px; fill: #1d2733; }
          .title { font-size: 18px; font-weight: bold; }
          .detail { fill: #5a6875; }
          .note { font-size: 12.5px; fill: #3a4754; }
          .name { font-weight: bold; }
          .code, .memo, .bug-text { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; font-size: 12px; }
          .soft { fill: #3a4754; }
          .memo { fill: #6d5a20; }
          .gap { fill: #8795a3; }
          .head { stroke-width: 1.2; }
          .host { fill: #eef4f9; stroke: #2f6f9f; }
          .shared { fill: #fbf6e9; stroke: #a8842c; }
          .remote { fill: #eff7ee; stroke: #3d7d43; }
          .of-host { font-size: 11px; fill: #46627a; }
          .of-shared { font-size: 11px; fill: #6d5a20; }
          .of-remote { font-size: 11px; fill: #4c6b4e; }
          .life { stroke: #b4bfca; stroke-width: 1.2; stroke-dasharray: 3 4; fill: none; }
          .bar { stroke-width: 1; }
          .asleep { fill: #fbeceb; stroke: #b3392f; stroke-dasharray: 3 2; }
          .arrow { fill: none; stroke-width: 1.6; marker-end: url(#tip); stroke: #2f6f9f; }
          .read { stroke-dasharray: 5 3; }
          .edge { stroke: #5a6875; marker-end: url(#tip-grey); }
          .edge-text { font-size: 12px; fill: #5a6875; font-style: italic; }
          .fatal { stroke: #b3392f; stroke-width: 2.4; marker-end: url(#tip-red); }
          .fatal-text { fill: #b3392f; font-weight: bold; }
          .missing { stroke: #b3392f; stroke-width: 1.6; stroke-dasharray: 2 4; marker-end: url(#tip-red); }
          .missing-text { font-size: 11px; fill: #b3392f; font-style: italic; }
          .dot { fill: #ffffff; stroke: #a8842c; stroke-width: 1.6; }
          .dot-fatal { fill: #b3392f; stroke: #ffffff; stroke-width: 1.4; }
          .bug { fill: #fbeceb; stroke: #b3392f; stroke-width: 1.6; }
          .bug-text { fill: #8f2a22; font-weight: bold; }
        </style>
        """;
}
