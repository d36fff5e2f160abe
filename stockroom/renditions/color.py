"""The dominant colour: the one a person would name, for placeholders and the colour filter.

Pixels are counted in 6x6x6 boxes of RGB, a vivid pixel up to three times as much as a gray one (a red boat on
gray water is remembered as red), and the fullest box answers with the mean of its pixels.
"""

# Which of the six levels a value falls in: 0…255 around the centres 0, 51, … 255.
_LEVEL = bytes(round(value / 51) for value in range(256))


def dominant(rgb: bytes) -> str:
    """`#rrggbb` of pixels of three bytes each; about a thousand of them suffice."""
    boxes: dict[int, list[int]] = {}
    for r, g, b in zip(rgb[0::3], rgb[1::3], rgb[2::3], strict=True):
        key = _LEVEL[r] * 36 + _LEVEL[g] * 6 + _LEVEL[b]
        box = boxes.get(key)
        if box is None:
            box = boxes[key] = [0, 0, 0, 0, 0]
        box[0] += 255 + 2 * (max(r, g, b) - min(r, g, b))
        box[1] += 1
        box[2] += r
        box[3] += g
        box[4] += b
    _, count, *sums = max(boxes.values())
    return "#" + "".join(f"{(total + count // 2) // count:02x}" for total in sums)
