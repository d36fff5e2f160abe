"""Three kinds of plots as inline SVG, for a page that has no script and its colours from its own style sheet.

A module of our own: pygal writes 150 kB for 500 dots, with a script, type of a fixed 10 pixels and addresses
of its site in them; leather has its colours in the elements, so none for dark pages, and no logarithmic axis;
matplotlib is 132 MB in an environment that each executor unpacks.
"""

import math
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 420, 260
"""Units of a plot, about the pixels of a phone's width, so that type has the size there that it is given."""
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 26, 42
_BAR = 36
"""Height of one bar with the text above it."""


class Axis(NamedTuple):
    """One direction of a plot: the values at its ends, and where it is marked with which text."""

    title: str
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    is_logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value lies, from 0 to 1."""
        low, high = self.low, self.high
        if self.is_logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(max(value, self.low))
        return min(1.0, max(0.0, (value - low) / (high - low)))


def linear_axis(
    title: str, highest: float, text: Callable[[float], str], steps: Sequence[float] = ()
) -> Axis:
    """An axis from 0 that has four to eight marks, at multiples of one of `steps` or of 1, 2 or 5."""
    highest = highest or 1.0
    step = next((step for step in steps if highest / step <= 8), 0.0)
    if not step:
        power = 10.0 ** math.floor(math.log10(highest / 4))
        step = max(power * factor for factor in (1, 2, 5) if power * factor <= highest / 4)
    count = math.ceil(highest / step - 1e-9)
    return Axis(title, 0.0, count * step, [(i * step, text(i * step)) for i in range(count + 1)])


def logarithmic_axis(title: str, lowest: float, highest: float, text: Callable[[float], str]) -> Axis:
    """An axis between two powers of ten, marked at each of them."""
    low = math.floor(math.log10(lowest))
    high = max(low + 1, math.ceil(math.log10(highest)))
    ticks = [(10.0**power, text(10.0**power)) for power in range(low, high + 1)]
    return Axis(title, 10.0**low, 10.0**high, ticks, is_logarithmic=True)


def draw_steps(
    name: str,
    title: str,
    description: str,
    axes: tuple[Axis, Axis],
    steps: Sequence[tuple[float, float, float]],
) -> str:
    """Steps, each from one x to another at one y, with the area below them."""
    x, y = axes
    bottom = _y(y, 0)
    path, end = "", -math.inf
    for begin, until, value in steps:
        # A step that does not begin where the last one has ended begins an area of its own.
        if begin > end:
            path += f"{f'V{bottom}Z' if path else ''}M{_x(x, begin)} {bottom}"
        path += f"V{_y(y, value)}H{_x(x, until)}"
        end = until
    closed = f"{path}V{bottom}Z" if path else ""
    return _wrap(name, title, description, HEIGHT, f'{_draw_axes(x, y)}<path class="area" d="{closed}"/>')


def draw_dots(
    name: str, title: str, description: str, axes: tuple[Axis, Axis], dots: Sequence[tuple[float, float]]
) -> str:
    """A dot for each pair of values."""
    x, y = axes
    # One path of zero-length lines with round ends is a fifth of as many circles.
    path = "".join(f"M{_x(x, across)} {_y(y, up)}h0" for across, up in dots)
    return _wrap(name, title, description, HEIGHT, f'{_draw_axes(x, y)}<path class="dots" d="{path}"/>')


def draw_bars(name: str, title: str, description: str, bars: Sequence[tuple[str, int]]) -> str:
    """A horizontal bar for each number, its text above it."""
    highest = max((number for _, number in bars), default=0) or 1
    lines = []
    for i, (text, number) in enumerate(bars):
        top = i * _BAR
        width = round(max(2.0, (WIDTH - 2) * number / highest), 1)
        lines.append(
            f'<text x="0" y="{top + 12}">{escape(text)}</text>'
            f'<text x="{WIDTH}" y="{top + 12}" class="end">{number:,}</text>'
            f'<rect class="bar" x="0" y="{top + 17}" width="{width}" height="10" rx="2"/>'
        )
    return _wrap(name, title, description, max(1, len(bars)) * _BAR, "".join(lines))


def _wrap(name: str, title: str, description: str, height: int, content: str) -> str:
    """A picture with a text for those who do not see it; `name` is an id within the page."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-title {name}-text">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-text">{escape(description)}</desc>'
        f"{content}</svg>"
    )


def _draw_axes(x: Axis, y: Axis) -> str:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [f'<text x="0" y="12" class="name">{escape(y.title)}</text>']
    for value, text in y.ticks:
        at = _y(y, value)
        parts.append(f'<path class="grid" d="M{LEFT} {at}H{right}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{at + 4}" class="end">{escape(text)}</text>')
    for value, text in x.ticks:
        at = _x(x, value)
        # The text of the last mark would stand out of the picture to the right.
        place = "end" if at > right - 12 else "middle"
        parts.append(f'<path class="grid" d="M{at} {TOP}V{bottom + 4}"/>')
        parts.append(f'<text x="{at}" y="{bottom + 18}" class="{place}">{escape(text)}</text>')
    parts.append(f'<text x="{right}" y="{HEIGHT - 6}" class="name end">{escape(x.title)}</text>')
    return "".join(parts)


def _x(axis: Axis, value: float) -> float:
    return round(LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT), 1)


def _y(axis: Axis, value: float) -> float:
    return round(HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM), 1)
