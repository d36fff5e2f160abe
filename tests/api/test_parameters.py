import pytest

from stockroom.api.parameters import (
    MAX_PARAMETERS,
    Parameter,
    Path,
    Query,
    declare_path_parameter,
    declare_query_parameter,
    split_query,
)
from stockroom.runtime.errors import BadRequest


@pytest.mark.parametrize(
    ("raw", "given"),
    [
        ("", {}),
        ("&&", {}),
        ("q", {"q": [""]}),
        ("q=", {"q": [""]}),
        ("q=a=b", {"q": ["a=b"]}),
        ("q=a%26b+c%2B%C3%A9", {"q": ["a&b c+é"]}),
        ("q=%FF%", {"q": ["\ufffd%"]}),
        ("tag=b&q=1&tag=a", {"tag": ["b", "a"], "q": ["1"]}),
        ("%71=1&q+=2", {"%71": ["1"], "q+": ["2"]}),
        ("q=a;tag=b", {"q": ["a;tag=b"]}),
    ],
)
def test_values_are_decoded_and_names_are_not(raw: str, given: dict[str, list[str]]) -> None:
    assert split_query(raw) == given


def test_the_number_of_parameters_is_bounded() -> None:
    assert len(split_query("&".join(["tag=a"] * MAX_PARAMETERS))["tag"]) == MAX_PARAMETERS
    with pytest.raises(BadRequest) as caught:
        split_query("&".join(["tag=a"] * (MAX_PARAMETERS + 1)))
    assert caught.value.code == "too-many-parameters"


def number() -> Parameter:
    return declare_query_parameter("limit", int, Query("Things", minimum=1, maximum=50), 10)


def test_a_number_has_bounds() -> None:
    assert number().schema == {"type": "integer", "minimum": 1, "maximum": 50}
    assert [number().value([text]) for text in ("1", "050", "10")] == [1, 50, 10]


@pytest.mark.parametrize("text", ["", " 1", "+1", "1.0", "0", "51", "-1", "1_0", "٣", "9" * 5000])
def test_what_is_no_number_within_the_bounds_is_named(text: str) -> None:
    with pytest.raises(BadRequest, match="limit must be a whole number from 1 to 50") as caught:
        number().value([text])
    assert (caught.value.code, caught.value.errors[0].pointer) == ("invalid-number", "?limit")


def test_a_blank_text_counts_as_absent() -> None:
    sort = declare_query_parameter("sort", str, Query("Order", choices=("newest", "best")), "newest")
    assert sort.schema == {"type": "string", "enum": ["newest", "best"]}
    assert [sort.value([text]) for text in ("", "newest", "best", " ")] == ["newest", "newest", "best", " "]


def test_blank_ones_of_a_repeated_parameter_are_dropped() -> None:
    tags = declare_query_parameter("tags", tuple[str, ...], Query("Tags", name="tag"), ())
    assert tags.schema == {"type": "array", "items": {"type": "string"}}
    assert (tags.name, tags.argument, tags.value(["b", "", "a"])) == ("tag", "tags", ("b", "a"))


def test_a_parser_sees_blank_texts_too() -> None:
    ids = declare_query_parameter(
        "ids", list[str] | None, Query("Ids", parse=lambda text: text.split(",")), None
    )
    assert ids.absent == ()
    assert [ids.value([text]) for text in ("", "a,b")] == [[""], ["a", "b"]]


def test_a_part_of_the_path_is_parsed() -> None:
    parameter = declare_path_parameter("image_id", Path("Picture id", name="id", parse=int))
    assert (parameter.name, parameter.argument, parameter.parse("7")) == ("id", "image_id", 7)
