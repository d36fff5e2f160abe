import pytest

from stockroom.api.cache_policy import (
    DEEP_SEARCH,
    FRONT_PAGE,
    NO_STORE,
    PICTURE,
    PRIVATE,
    SEARCH,
    SETTLED,
    SUGGESTION,
    CachePolicy,
    choose_search_policy,
    choose_tags_policy,
)


@pytest.mark.parametrize(
    ("policy", "header", "function"),
    [
        (FRONT_PAGE, "public, max-age=0, s-maxage=20, stale-while-revalidate=10", 5),
        (SEARCH, "public, max-age=0, s-maxage=10, stale-while-revalidate=5", 3),
        (DEEP_SEARCH, "public, max-age=0, s-maxage=5", 1),
        (SUGGESTION, "public, max-age=60", 5),
        (PICTURE, "public, max-age=60", 0),
        (SETTLED, "public, max-age=60", 0),
        (NO_STORE, "no-store", 0),
        (PRIVATE, "private, no-store", 0),
    ],
)
def test_the_header_of_a_policy(policy: CachePolicy, header: str, function: int) -> None:
    assert (policy.header, policy.function) == (header, function)


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        ([], FRONT_PAGE),
        (["sort", "limit", "since"], FRONT_PAGE),
        (["cursor", "limit"], SEARCH),
        (["q"], SEARCH),
        (["a-filter-that-is-yet-to-come"], SEARCH),
        (["q", "cursor"], DEEP_SEARCH),
    ],
)
def test_what_everybody_asks_for_is_stored_longest(given: list[str], policy: CachePolicy) -> None:
    assert choose_search_policy(given) is policy


def test_tags_with_pictures_go_as_fast_as_the_front_page() -> None:
    assert choose_tags_policy(["limit"]) is FRONT_PAGE
    assert choose_tags_policy(["limit", "prefix"]) is SUGGESTION


def test_a_new_picture_is_found_within_35_seconds() -> None:
    searches = (FRONT_PAGE, SEARCH, DEEP_SEARCH)
    assert max(each.cdn + each.stale + each.function for each in searches) == 35
    assert all(each.browser == 0 for each in searches)
