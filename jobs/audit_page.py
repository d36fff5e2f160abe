"""The page about a run of `audit`: what was found and repaired, by kind, with the first examples of each."""

from html import escape

from jobs import report
from stockroom.ingest.audit.report import NO_FAULTS, Report


def write(run_id: str, audited: Report) -> str:
    """The page. What it says is that of the report as JSON."""
    tiles = report.write_tiles(
        [
            ("rows compared", f"{audited.rows:,}"),
            ("objects compared", f"{audited.objects:,}"),
            ("faults", f"{audited.total:,}"),
            ("repaired", f"{sum(audited.repaired.values()):,}"),
            ("objects deleted", f"{audited.deleted:,}"),
        ]
    )
    refused = f"<p><b>Nothing was repaired:</b> {escape(audited.refused)}.</p>" if audited.refused else ""
    return report.frame("audit", run_id, [refused, tiles, _write_findings(audited), _write_examples(audited)])


def _write_findings(audited: Report) -> str:
    rows = [
        [kind + (" (no fault)" if kind in NO_FAULTS else ""), f"{finding.count:,}", f"{repaired:,}"]
        for kind, finding in audited.findings.items()
        if (repaired := audited.repaired.get(kind, 0)) or finding.count
    ]
    if not rows:
        return "<section><h2>Findings</h2><p>Buckets, index and table agree.</p></section>"
    text = '<p class="soft">docs/operate.md says what each kind is.</p>'
    table = report.write_table("Findings by kind", ["kind", "found", "repaired"], rows)
    return f"<section><h2>Findings</h2>{text}{table}</section>"


def _write_examples(audited: Report) -> str:
    lines = "".join(
        f'<tr><th scope="row">{escape(kind)}</th><td class="id">{escape(example)}</td></tr>'
        for kind, finding in audited.findings.items()
        for example in finding.examples
    )
    if not lines:
        return ""
    heads = '<th scope="col">kind</th><th scope="col">object, picture or term</th>'
    return (
        "<section><h2>Examples</h2>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></section>"
    )
