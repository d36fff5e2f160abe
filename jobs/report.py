"""The report of a run, one HTML page that needs nothing else: style and plots are in it, and no script is."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path

from jobs.plots import draw_bars, draw_dots, draw_steps, linear_axis, logarithmic_axis
from jobs.progress import Progress, describe_bytes, describe_time
from jobs.summary import SizeClass, Span, Summary
from stockroom.images import ids

NAME = "report.html"
"""The object of a run that has its report."""
MEDIA_TYPE = "text/html; charset=utf-8"

STYLE = Path(__file__).with_name("report.css")
BARS = 12
"""Reasons that have a bar of their own; the table has all."""
ROWS = 12
"""Parts of the run's time in the table beside the plot of its rate."""
_SECOND_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
# No script, no picture and no style from anywhere else, whatever a sentence of a failure contains.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write(summary: Summary, progress: Progress) -> str:
    """The page."""
    return frame(
        summary.job,
        summary.run_id,
        [
            _write_headline(summary, progress),
            _write_rate(summary.spans(), summary.span_seconds),
            _write_times(summary),
            _write_failures(summary),
        ],
    )


def frame(job: str, run_id: str, parts: Sequence[str]) -> str:
    """A page about a run, of parts that are HTML."""
    title = escape(f"{job} {run_id}")
    heading = f"<h1>Run {escape(run_id)} of {escape(job)}</h1>"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>\n{_style()}</style></head>\n"
        f"<body><main>\n{heading}{''.join(parts)}\n</main></body></html>\n"
    )


def write_tiles(figures: Sequence[tuple[str, str]]) -> str:
    """Figures side by side, each with its name."""
    tiles = "".join(f"<div><dt>{name}</dt><dd>{figure}</dd></div>" for name, figure in figures)
    return f"<dl>{tiles}</dl>"


@cache
def _style() -> str:
    return STYLE.read_text()


def _write_headline(summary: Summary, progress: Progress) -> str:
    failed = summary.outcomes["failed"]
    skipped = summary.outcomes["skipped"] + summary.outcomes["missing"]
    total = summary.outcomes.total()
    busy = sum(span.length for span in summary.spans() if span.ended) or 1.0
    figures = [
        ("done", f"{total - failed - skipped:,}"),
        ("failed", f"{failed:,}"),
        ("skipped", f"{skipped:,}"),
    ]
    if progress.committed is not None:
        figures.append(("rows changed", f"{progress.committed:,}"))
    elif {"changed", "same"} & summary.outcomes.keys():
        figures.append(("rows changed", f"{summary.outcomes['changed']:,}"))
    figures += [
        ("pictures a second", f"{total / busy:,.1f}"),
        ("read", describe_bytes(summary.bytes_in)),
        ("written", describe_bytes(summary.bytes_out)),
        ("time of one core", describe_time(summary.seconds)),
    ]
    tiles = write_tiles(figures)
    if failed:
        tiles = tiles.replace("<dt>failed</dt><dd>", '<dt>failed</dt><dd class="bad">')
    if progress.is_finished:
        state = "The run came to its end."
    else:
        of = f" of {progress.total:,}" if progress.total is not None else ""
        state = f"The run has not come to its end: {total:,}{of} pictures are recorded."
    asked = f" Asked for: {escape(summary.parameters)}." if summary.parameters else ""
    return f"<p>{state}{_write_period(summary)}{asked}</p>{tiles}"


def _write_period(summary: Summary) -> str:
    if summary.begin is None or summary.end is None:
        return " No picture was processed."
    return f" Pictures ended from {_moment(summary.begin)} to {_moment(summary.end)}."


def _moment(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M:%S} UTC</time>'


def _write_rate(spans: Sequence[Span], length: int) -> str:
    if not spans:
        return ""
    end = spans[-1].begin + length
    x = linear_axis("time since the first picture, without breaks", end, describe_time, _SECOND_STEPS)
    y = linear_axis("pictures a second", max(span.ended / length for span in spans), lambda rate: f"{rate:g}")
    steps = [(span.begin, span.begin + length, span.ended / length) for span in spans]
    description = (
        f"Pictures a second over {describe_time(end)}, in steps of {describe_time(length)}. "
        "The table beside it has the figures."
    )
    plot = draw_steps("rate", "Pictures a second over time", description, (x, y), steps)
    a_row = -(-len(spans) // ROWS)
    rows = []
    for i in range(0, len(spans), a_row):
        group = spans[i : i + a_row]
        ended = sum(span.ended for span in group)
        rows.append(
            [
                describe_time(group[0].begin),
                f"{ended:,}",
                f"{ended / (length * len(group)):,.1f}",
                f"{sum(span.failed for span in group):,}",
            ]
        )
    figures = write_table(
        f"Each row is {describe_time(a_row * length)}", ["from", "pictures", "a second", "failed"], rows
    )
    return _write_pair("Rate over time", plot, figures)


def _write_times(summary: Summary) -> str:
    if not summary.dots:
        return ""
    sizes = [size for size, _ in summary.dots]
    seconds = [time for _, time in summary.dots]
    x = logarithmic_axis("size of the original", min(sizes), max(sizes), _size)
    y = logarithmic_axis("seconds", min(seconds), max(seconds), lambda time: f"{time:g}")
    sample = "a random sample of " if summary.timed > len(summary.dots) else ""
    description = (
        f"A dot for each of {sample}{len(summary.dots):,} pictures: the size of its original, and how long "
        "an executor took for it. The table beside it has the figures by classes of size."
    )
    plot = draw_dots(
        "times", "Time of a picture by the size of its original", description, (x, y), summary.dots
    )
    rows = [
        [_class(each), f"{each.pictures:,}", f"{each.seconds / each.pictures:.3f}", f"{each.slowest:.2f}"]
        for each in summary.size_classes
    ]
    figures = write_table(
        "Seconds for a picture, by the size of its original", ["size", "pictures", "mean", "slowest"], rows
    )
    text = f"A dot is a picture{' of a random sample' if sample else ''}; both axes are logarithmic."
    return _write_pair("Time by size", plot, figures, text)


def _size(count: float) -> str:
    return describe_bytes(round(count)).replace(".0", "").replace(" bytes", " B")


def _class(each: SizeClass) -> str:
    if each.high is None:
        return f"from {_size(each.low)}"
    return f"{_size(each.low)} to {_size(each.high)}" if each.low else f"below {_size(each.high)}"


def _write_failures(summary: Summary) -> str:
    if not summary.reasons:
        return "<section><h2>Failures</h2><p>No picture failed.</p></section>"
    reasons = summary.reasons.most_common()
    total = summary.reasons.total()
    bars = reasons[:BARS]
    if others := sum(number for _, number in reasons[BARS:]):
        bars.append(("all other reasons", others))
    plot = draw_bars(
        "reasons",
        "Failures by reason",
        f"Of {total:,} failures, {bars[0][1]:,} are {bars[0][0]}. The table beside it has the figures.",
        bars,
    )
    rows = [[code, f"{number:,}", f"{100 * number / total:.1f} %"] for code, number in reasons]
    figures = write_table("Failures by reason", ["reason", "pictures", "share"], rows)
    listed = summary.failures
    more = (
        f" The first {len(listed):,} of {total:,} are listed; the parts of the run have all."
        if total > len(listed)
        else ""
    )
    lines = "".join(
        f'<tr><th scope="row" class="id">{ids.encode(failure.image_id)}</th>'
        f"<td><b>{escape(failure.code)}</b> {escape(failure.detail)}</td></tr>"
        for failure in listed
    )
    heads = '<th scope="col">picture</th><th scope="col">reason</th>'
    return (
        f"{_write_pair('Failures by reason', plot, figures)}<section><h2>Pictures that failed</h2>"
        f'<p class="soft">They are as they were before the run.{more}</p>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></section>"
    )


def _write_pair(heading: str, plot: str, figures: str, text: str = "") -> str:
    paragraph = f'<p class="soft">{text}</p>' if text else ""
    return f'<section><h2>{heading}</h2>{paragraph}<div class="pair">{plot}{figures}</div></section>'


def write_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts in the first column and figures in the others."""
    top = "".join(
        f'<th scope="col" class="number">{escape(head)}</th>' if i else f'<th scope="col">{escape(head)}</th>'
        for i, head in enumerate(heads)
    )
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f'<td class="number">{escape(cell)}</td>' for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    head = f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
    return f"<table>{head}<tbody>{lines}</tbody></table>"
