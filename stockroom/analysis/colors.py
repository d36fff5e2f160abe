"""The named colours that a picture's dominant colour is filed under."""

from functools import lru_cache

PALETTE = {
    "black": ("#141414",),
    "white": ("#f2f2f2",),
    "gray": ("#808080", "#b4b4b4", "#505050"),
    "red": ("#c8281e", "#ff0000", "#7a1414"),
    "orange": ("#e6821e", "#f0a050"),
    "yellow": ("#e6d232", "#ffff00", "#f0e6a0"),
    "green": ("#46963c", "#00ff00", "#2e4a1e", "#9ab86a"),
    "teal": ("#2d9b9b", "#40e0d0", "#145050"),
    "blue": ("#325ab4", "#0000ff", "#87ceeb", "#1e2a5a"),
    "purple": ("#78378c", "#b48cd2", "#3c1450"),
    "pink": ("#e696b4", "#ff69b4", "#ffc0cb"),
    "brown": ("#6e4b32", "#a07850", "#3c2818"),
}
"""Each name's shades: one alone would call sky blue teal and pure blue purple."""


@lru_cache(1024)
def name(color: str) -> str:
    """The name whose shade is nearest to `#rrggbb`, by distance in CIELAB."""
    lab = _lab(color)
    return min(_SHADES, key=lambda shade: _distance(shade[1], lab))[0]


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


_SHADES = [(known, _lab(shade)) for known, shades in PALETTE.items() for shade in shades]
