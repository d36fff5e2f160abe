"""A bounded memory with a time limit."""

from stockroom.runtime.ttl_cache import TtlCache


def test_an_entry_expires() -> None:
    now = [0.0]
    cache: TtlCache[str, int] = TtlCache(max_entries=10, seconds=60, clock=lambda: now[0])
    cache.put("a", 1)
    now[0] = 59.9
    assert cache.get("a") == 1
    now[0] = 60
    assert cache.get("a") is None
    assert cache.get("b") is None


def test_a_full_cache_drops_what_was_put_first() -> None:
    cache: TtlCache[str, int] = TtlCache(max_entries=2, seconds=60)
    for number, key in enumerate("abc"):
        cache.put(key, number)
    assert [cache.get(key) for key in "abc"] == [None, 1, 2]
    assert len(cache) == 2


def test_an_entry_that_is_put_again_is_the_newest_and_lives_longer() -> None:
    now = [0.0]
    cache: TtlCache[str, int] = TtlCache(max_entries=2, seconds=60, clock=lambda: now[0])
    cache.put("a", 1)
    cache.put("b", 2)
    now[0] = 30
    cache.put("a", 3)
    cache.put("c", 4)
    assert [cache.get(key) for key in "abc"] == [3, None, 4]
    now[0] = 70
    assert cache.get("a") == 3


def test_everything_is_forgotten_at_once() -> None:
    cache: TtlCache[str, int] = TtlCache(max_entries=2, seconds=60)
    cache.put("a", 1)
    cache.clear()
    assert cache.get("a") is None
    assert len(cache) == 0
