"""One line about an audit, whose report has dozens of kinds of findings that mostly count nothing."""

from collections.abc import Mapping
from typing import Any


def summarise(report: Mapping[str, Any]) -> str:
    """What an audit found and repaired, by kind."""
    counts = {kind: finding["count"] for kind, finding in report["findings"].items() if finding["count"]}
    found = ", ".join(f"{kind} {count}" for kind, count in counts.items()) or "nothing"
    repaired = ", ".join(f"{kind} {count}" for kind, count in report["repaired"].items() if count)
    words = f"found {found}" + (f"; repaired {repaired}" if repaired else "")
    return f"compared {report['rows']} rows; {words} (docs/operate.md#compare-buckets-and-table)"
