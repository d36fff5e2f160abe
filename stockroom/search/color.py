"""The named colours that a picture's dominant colour is filed under."""

PALETTE = {
    "black": "#141414",
    "white": "#f2f2f2",
    "gray": "#808080",
    "red": "#c8281e",
    "orange": "#e6821e",
    "yellow": "#e6d232",
    "green": "#46963c",
    "teal": "#2d9b9b",
    "blue": "#325ab4",
    "purple": "#78378c",
    "pink": "#e696b4",
    "brown": "#6e4b32",
}


def name(color: str) -> str:
    """The palette's nearest name for `#rrggbb`, by distance in CIELAB."""
    lab = _lab(color)
    return min(_LABS, key=lambda known: _distance(_LABS[known], lab))


def _distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _lab(color: str) -> tuple[float, float, float]:
    """`#rrggbb` (sRGB, D65) as L*, a*, b*."""
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    x = _cube((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
    y = _cube(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _cube((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _cube(value: float) -> float:
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116


_LABS = {known: _lab(color) for known, color in PALETTE.items()}
