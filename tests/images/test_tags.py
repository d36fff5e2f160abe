import pytest

from stockroom.images import tags
from stockroom.runtime.errors import BadRequest

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # with a zero-width non-joiner
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # an emoji of three joined ones


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        (["Blue"], ["blue"]),
        (["#sea"], ["sea"]),
        (["  New   York "], ["new york"]),
        (["Sea", "sea", "SEA"], ["sea"]),
        (["b", "a"], ["b", "a"]),
        (["\ufb01sh"], ["fish"]),  # NFKC: the ligature fi
        (["x" * tags.MAX_LENGTH], ["x" * tags.MAX_LENGTH]),
        ([PERSIAN], [PERSIAN]),
        ([FAMILY], [FAMILY]),
        (["\u0130stanbul", "I\u0307stanbul", "i\u0307stanbul", "istanbul"], ["istanbul"]),
        ([], []),
    ],
)
def test_cleaned_tags(given: list[str], cleaned: list[str]) -> None:
    assert tags.clean(given) == cleaned


@pytest.mark.parametrize(
    "tag",
    [
        "",
        " ",
        " # ",
        "a,b",
        'a"b',
        "a#b",
        "x" * (tags.MAX_LENGTH + 1),
        "a\x07b",
        "\u200b",
        "\u200d",
        "\u3164",
        "\u202ea",
        "e" + "\u0301" * 10,
    ],
)
def test_a_text_that_is_no_tag_is_named(tag: str) -> None:
    with pytest.raises(BadRequest) as caught:
        tags.clean(["fine", tag], "/shared/tags")
    (place,) = caught.value.errors
    assert (place.pointer, place.code) == ("/shared/tags/1", "invalid-tag")


def test_too_many_tags_are_refused_and_repeats_do_not_count() -> None:
    many = [f"tag {number}" for number in range(tags.MAX_TAGS)]
    assert tags.clean([*many, *many]) == many
    with pytest.raises(BadRequest) as caught:
        tags.clean([*many, "one more"])
    assert caught.value.code == "too-many-tags"


@pytest.mark.parametrize("some", [(), ("sea",), ("new york", "sea")])
def test_tags_survive_the_column(some: tuple[str, ...]) -> None:
    assert tags.deserialize(tags.serialize(some)) == some
