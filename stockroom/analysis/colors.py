"""Colour names: the dozen words by which pictures can be found by their dominant colour."""

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
"""The shades of each name. With one shade a name, sky blue would be teal and pure blue purple."""


@lru_cache(1024)
def name_color(color: str) -> str:
    """The name in PALETTE whose shade is nearest to `#rrggbb`, by Euclidean distance in CIELAB."""
    lab = _convert_to_lab(color)
    return min(_SHADES, key=lambda shade: _squared_distance(shade[1], lab))[0]


def _squared_distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _convert_to_lab(color: str) -> tuple[float, float, float]:
    """`#rrggbb` (sRGB, D65) as L*, a*, b*: the formulas of CIE 15 and IEC 61966-2-1."""
    red, green, blue = (_linearize(int(color[start : start + 2], 16) / 255) for start in (1, 3, 5))
    x = _compress((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505)
    y = _compress(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    z = _compress((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _linearize(channel: float) -> float:
    """An sRGB channel without its gamma, both 0 to 1."""
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _compress(value: float) -> float:
    """The cube root of CIELAB, which is linear near zero."""
    return float(value ** (1 / 3)) if value > 0.008856 else 7.787 * value + 16 / 116


_SHADES = [(color_name, _convert_to_lab(shade)) for color_name, shades in PALETTE.items() for shade in shades]
