"""Texts from elsewhere, as they may be printed."""


def show(text: str, *, keep: str = "") -> str:
    """A text that can neither move the cursor nor turn the line round; the characters of `keep` stay."""
    return "".join(
        char if char.isprintable() or char in keep else "\N{REPLACEMENT CHARACTER}" for char in text
    )
