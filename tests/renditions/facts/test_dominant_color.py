from stockroom.renditions.facts.dominant_color import find_dominant_color

GRAY, RED, BLUE = bytes((120, 120, 120)), bytes((200, 16, 32)), bytes((10, 20, 230))


def test_the_commonest_colour_wins() -> None:
    assert find_dominant_color(RED * 12 + BLUE * 9) == "#c81020"
    assert find_dominant_color(RED * 9 + BLUE * 10) == "#0a14e6"


def test_a_vivid_colour_wins_over_somewhat_more_gray() -> None:
    assert find_dominant_color(GRAY * 20 + RED * 10) == "#c81020"
    assert find_dominant_color(GRAY * 40 + RED * 10) == "#787878"


def test_near_colours_are_averaged() -> None:
    assert find_dominant_color(bytes((200, 10, 10)) + bytes((210, 20, 11))) == "#cd0f0b"


def test_the_ends_of_the_range() -> None:
    assert find_dominant_color(bytes(3)) == "#000000"
    assert find_dominant_color(b"\xff\xff\xff") == "#ffffff"
