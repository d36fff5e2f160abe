"""The dominant colour: the one that a person would name, for placeholders and the colour filter.

RGB is divided into 6 x 6 x 6 cells, around the levels 0, 51, … 255 of each channel. A pixel counts in its
cell by its vividness: between once for gray and three times for a pure colour, as people remember a red boat
on gray water as red. The answer is the mean of the pixels in the cell with the highest count.
"""

_LEVELS = bytes(round(value / 51) for value in range(256))


def find_dominant_color(rgb: bytes) -> str:
    """`#rrggbb`, from pixels of three bytes each. About a thousand pixels are enough."""
    # By cell: its count, then how many pixels it holds, and the sums of their channels.
    cells: dict[int, list[int]] = {}
    for r, g, b in zip(rgb[0::3], rgb[1::3], rgb[2::3], strict=True):
        key = _LEVELS[r] * 36 + _LEVELS[g] * 6 + _LEVELS[b]
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = [0, 0, 0, 0, 0]
        cell[0] += 255 + 2 * (max(r, g, b) - min(r, g, b))
        cell[1] += 1
        cell[2] += r
        cell[3] += g
        cell[4] += b
    _, pixels, *sums = max(cells.values())
    return "#" + "".join(f"{(total + pixels // 2) // pixels:02x}" for total in sums)
