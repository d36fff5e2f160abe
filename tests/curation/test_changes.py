"""The rule of each field that can be edited, and what an edit makes of a picture's metadata."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from stockroom.curation.changes import Edit, check_changes, make_bulk_edit, make_edit
from stockroom.curation.requests import MAX_PICTURES, Changes, EditRequest
from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest, InvalidField

EMBARGO, EXPIRES = datetime(2090, 1, 1), datetime(2090, 1, 2)  # noqa: DTZ001  as the database returns them
BEFORE = Metadata(
    name="a.jpg", description="At #sea", license="CC0-1.0", tags=("boat", "sun"), hashtags=("sea",)
)


def check(**given: Any) -> dict[str, Any]:
    return check_changes(msgspec.convert(given, Changes), "/set")


@pytest.mark.parametrize(
    ("field", "given", "stored"),
    [
        ("name", "b.jpg", "b.jpg"),
        ("description", "One\ntwo\u200b", "One\ntwo"),
        ("license", "CC-BY-4.0", "CC-BY-4.0"),
        ("credit", " One\ntwo", "One two"),
        ("tags", ["#Sea", "sea", "Sun"], ("sea", "sun")),
        ("creator", " One\ntwo", "One two"),
        ("copyright", " One\ntwo", "One two"),
        ("usage_terms", "One\ntwo\u200b", "One\ntwo"),
        ("license_url", " https://example.org ", "https://example.org"),
        ("place", " One\ntwo", "One two"),
        ("embargo", "2090-01-01T01:00:00+01:00", EMBARGO),
        ("expires", "2090-01-01T01:00:00+01:00", EMBARGO),
    ],
)
def test_a_value_is_stored_by_the_rule_of_its_field(field: str, given: object, stored: object) -> None:
    assert check(**{field: given}) == {field: stored}


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        *((name, "") for name in ("description", "credit", "creator", "copyright", "usage_terms", "place")),
        ("license_url", ""), ("tags", ()), ("embargo", None), ("expires", None),
    ],
)  # fmt: skip
def test_null_clears_a_field(field: str, empty: object) -> None:
    assert check(**{field: None}) == {field: empty}


@pytest.mark.parametrize(
    ("field", "given", "code", "pointer"),
    [
        ("name", "a/b", "invalid-name", "/set/name"),
        ("description", "\x00", "invalid-description", "/set/description"),
        ("license", "mine", "unknown-license", "/set/license"),
        ("credit", "\x00", "invalid-credit", "/set/credit"),
        ("tags", ["a", "#"], "invalid-tag", "/set/tags/1"),
        ("creator", "\x00", "invalid-creator", "/set/creator"),
        ("copyright", "\x00", "invalid-copyright", "/set/copyright"),
        ("usage_terms", "\x00", "invalid-usage-terms", "/set/usage_terms"),
        ("license_url", "ftp://a", "invalid-license-url", "/set/license_url"),
        ("place", "\x00", "invalid-place", "/set/place"),
        ("embargo", "soon", "invalid-embargo", "/set/embargo"),
        ("expires", "2020-01-01T00:00:00Z", "invalid-expires", "/set/expires"),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(field: str, given: object, code: str, pointer: str) -> None:
    with pytest.raises(InvalidField) as refused:
        check(**{field: given})
    assert (refused.value.code, refused.value.pointer) == (code, pointer)
    with pytest.raises(InvalidField) as alone:
        make_edit(msgspec.convert({field: given}, Changes))
    assert alone.value.pointer == pointer.removeprefix("/set")


def test_fields_that_are_not_named_stay() -> None:
    edit = make_edit(Changes(creator="Ann"))
    assert edit.apply(BEFORE) == msgspec.structs.replace(BEFORE, creator="Ann")
    assert not edit.changes_dates


def test_hashtags_follow_from_the_description() -> None:
    assert make_edit(Changes(description="By #car and #bus")).apply(BEFORE).hashtags == ("car", "bus")
    assert make_edit(Changes(description=None)).apply(BEFORE).hashtags == ()


@pytest.mark.parametrize(
    ("request_", "tags"),
    [
        ({"add_tags": ["#Sand", "sun"]}, ("boat", "sun", "sand")),
        ({"remove_tags": ["#Boat", "else"]}, ("sun",)),
        ({"remove_tags": ["boat"], "add_tags": ["boat"]}, ("sun", "boat")),
        ({"set": {"tags": ["a", "b"]}, "remove_tags": ["a"], "add_tags": ["c"]}, ("b", "c")),
    ],
)
def test_tags_are_set_then_taken_away_then_added(request_: dict[str, Any], tags: tuple[str, ...]) -> None:
    edit = make_bulk_edit(msgspec.convert({"ids": ["a"], **request_}, EditRequest))
    assert edit.apply(BEFORE).tags == tags


@pytest.mark.parametrize("removed", ["\u0130stanbul", "i\u0307stanbul", "istanbul"])
def test_a_tag_that_was_stored_with_a_second_dot_is_taken_away_as_it_is_shown(removed: str) -> None:
    before = msgspec.structs.replace(BEFORE, tags=("i\u0307stanbul", "sun"))
    edit = make_bulk_edit(EditRequest(ids=["a"], remove_tags=[removed]))
    assert edit.apply(before).tags == ("sun",)


def test_a_picture_takes_no_more_tags_than_fifty() -> None:
    edit = Edit(fields={}, added_tags=tuple(f"t{number}" for number in range(48)))
    assert len(edit.apply(BEFORE).tags) == 50
    with pytest.raises(InvalidField) as refused:
        Edit(fields={}, added_tags=(*edit.added_tags, "one more")).apply(BEFORE)
    assert (refused.value.code, refused.value.pointer) == ("too-many-tags", "/add_tags")


def test_a_picture_expires_after_its_embargo() -> None:
    assert Edit(fields={"embargo": EMBARGO}).changes_dates
    assert Edit(fields={"expires": EXPIRES}).changes_dates
    hidden = Edit(fields={"embargo": EMBARGO, "expires": EXPIRES}).apply(BEFORE)
    assert (hidden.embargo, hidden.expires) == (EMBARGO, EXPIRES)
    with pytest.raises(InvalidField) as refused:
        Edit(fields={"embargo": EXPIRES}).apply(hidden)
    assert (refused.value.code, refused.value.pointer) == ("invalid-expires", "/expires")


@pytest.mark.parametrize(
    ("request_", "code", "pointer"),
    [
        ({"ids": [], "add_tags": ["a"]}, "no-ids", "/ids"),
        ({"ids": ["a"] * (MAX_PICTURES + 1), "add_tags": ["a"]}, "too-many-ids", "/ids"),
        ({"ids": ["a"]}, "empty-edit", ""),
        ({"ids": ["a"], "add_tags": ["#"]}, "invalid-tag", "/add_tags/0"),
        ({"ids": ["a"], "remove_tags": ["#"]}, "invalid-tag", "/remove_tags/0"),
        ({"ids": ["a"], "set": {"creator": "\x00"}}, "invalid-creator", "/set/creator"),
    ],
)
def test_an_edit_of_many_is_refused_where_it_is_wrong(
    request_: dict[str, Any], code: str, pointer: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        make_bulk_edit(msgspec.convert(request_, EditRequest))
    assert [(place.code, place.pointer) for place in refused.value.errors] == [(code, pointer)]


def test_an_edit_of_many_says_how_many_it_may_name() -> None:
    assert make_bulk_edit(EditRequest(ids=["a"] * MAX_PICTURES, add_tags=["a"])).added_tags == ("a",)
    with pytest.raises(BadRequest, match=r"The request names 0 pictures; edit 1 to 500 a request\."):
        make_bulk_edit(EditRequest(ids=[]))


def test_an_edit_of_nothing_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"^The edit is empty: name at least one field\.$") as refused:
        make_edit(Changes())
    assert [(place.code, place.pointer) for place in refused.value.errors] == [("empty-edit", "")]
