"""Answers kept by a process, and entity tags."""

import pytest

from stockroom.api import response_cache as kept
from stockroom.api.response_cache import Answered, Kept, etag, has


def answer(size: int = 1) -> Answered:
    return Answered(b"x" * size, {})


def test_fresh_until_its_time() -> None:
    now = [100.0]
    memory = Kept(lambda: now[0])
    memory.put("a", answer(), 5)
    now[0] = 104.9
    assert memory.get("a") == answer()
    now[0] = 105
    assert memory.get("a") is None
    assert memory.get("a") is None


def test_the_least_recently_used_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_ANSWERS", 2)
    memory = Kept()
    for key in "ab":
        memory.put(key, answer(), 60)
    assert memory.get("a")
    memory.put("c", answer(), 60)
    assert [bool(memory.get(key)) for key in "abc"] == [True, False, True]


def test_no_more_than_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_BYTES", 10)
    memory = Kept()
    memory.put("a", answer(6), 60)
    memory.put("a", answer(7), 60)
    memory.put("b", answer(4), 60)
    assert [bool(memory.get(key)) for key in "ab"] == [False, True]
    memory.put("c", answer(11), 60)
    memory.put("d", answer(), 0)
    assert [bool(memory.get(key)) for key in "bcd"] == [True, False, False]


def test_tags_are_compared_weakly() -> None:
    tag = etag(b"body")
    assert tag == etag(b"body") != etag(b"other")
    assert has(tag, tag)
    assert has(f'"x", W/{tag}', tag)
    assert has("*", tag)
    assert not has("", tag)
    assert not has('"x"', tag)
    assert not has("", "")
