"""Answers that a process stores, and entity tags."""

import sys

import pytest

from stockroom.api import response_cache
from stockroom.api.response_cache import ResponseCache, StoredResponse, make_etag, matches_etag


def response(size: int = 1) -> StoredResponse:
    return StoredResponse("x" * size, {})


def test_an_answer_is_stored_until_it_expires() -> None:
    now = [100.0]
    cache = ResponseCache(lambda: now[0])
    cache.put("a", response(), 5)
    now[0] = 104.9
    assert cache.get("a") == response()
    now[0] = 105
    assert cache.get("a") is None
    assert cache.get("a") is None


def test_the_least_recently_used_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "MAX_RESPONSES", 2)
    cache = ResponseCache()
    for key in "ab":
        cache.put(key, response(), 60)
    assert cache.get("a")
    cache.put("c", response(), 60)
    assert [bool(cache.get(key)) for key in "abc"] == [True, False, True]


def test_the_size_of_all_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    most = 2 * sys.getsizeof("") + 10
    monkeypatch.setattr(response_cache, "MAX_BYTES", most)
    cache = ResponseCache()
    cache.put("a", response(6), 60)
    cache.put("a", response(7), 60)
    cache.put("b", response(4), 60)
    assert [bool(cache.get(key)) for key in "ab"] == [False, True]
    cache.put("c", response(most), 60)
    cache.put("d", response(), 0)
    assert [bool(cache.get(key)) for key in "bcd"] == [True, False, False]


def test_the_size_of_an_answer_is_what_it_takes_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_cache, "MAX_BYTES", 10_000)
    cache = ResponseCache()
    cache.put("ascii", response(4000), 60)
    assert cache.get("ascii")
    # Because of one emoji, each character takes four bytes.
    cache.put("emoji", StoredResponse("x" * 3999 + "🌅", {}), 60)
    assert not cache.get("emoji")


def test_tags_are_compared_weakly() -> None:
    tag = make_etag(b"body")
    assert tag == make_etag(b"body") != make_etag(b"other")
    assert matches_etag(tag, tag)
    assert matches_etag(f'"x", W/{tag}', tag)
    assert matches_etag("*", tag)
    assert not matches_etag("", tag)
    assert not matches_etag('"x"', tag)
    assert not matches_etag("", "")
