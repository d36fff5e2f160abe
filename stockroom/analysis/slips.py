"""Slips: letters that are too many, too few or wrong, or two that are changed over.

Their number between two words is the optimal string alignment distance.
"""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def apply_one_slip(word: str) -> set[str]:
    """Every form of at least two letters that one slip makes of a word: about 54 for each of its letters."""
    letters = sorted({*_LETTERS, *word}) if word.isascii() else sorted({*word})
    halves = [(word[:split], word[split:]) for split in range(len(word) + 1)]
    deletions = {left + right[1:] for left, right in halves if right}
    transpositions = {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    replacements = {left + letter + right[1:] for left, right in halves if right for letter in letters}
    insertions = {left + letter + right for left, right in halves for letter in letters}
    forms = deletions | transpositions | replacements | insertions
    return {form for form in forms if len(form) > 1} - {word}


def compute_distance(one: str, other: str, *, limit: int) -> int:
    """The slips from one word to another; `limit` + 1 when there are more than `limit`."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    # Rows of the usual table: row[j] is the distance of the letters of `one` so far from other[:j].
    row_before_last: list[int] = []
    last_row: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row_before_last, last_row, row = last_row, row, [i]
        for j, other_letter in enumerate(other, 1):
            cost = min(last_row[j] + 1, row[j - 1] + 1, last_row[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other_letter:
                cost = min(cost, row_before_last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)
