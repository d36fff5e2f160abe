"""The objects of the keys bucket, at the very moments at which a copy becomes too old."""

import json
from collections.abc import Callable

import pytest

from stockroom.api.key_objects import (
    EXPIRY_SECONDS,
    MAX_CLAIM_CHARACTERS,
    REFRESH_SECONDS,
    RETRY_SECONDS,
    UNREADABLE_METRIC,
    DenyList,
    KeyObject,
    can_be_claimed,
)
from stockroom.runtime.errors import KeysUnavailable
from stockroom.runtime.observability import metrics
from tests.tokens import KeysBucket


@pytest.fixture
def keys() -> KeysBucket:
    return KeysBucket()


@pytest.fixture
def deny_list(keys: KeysBucket) -> KeyObject[DenyList]:
    return KeyObject("denied.json", DenyList, keys.read, lambda: keys.seconds)


def test_a_copy_is_read_again_once_it_is_older_than_it_may_be(
    keys: KeysBucket, deny_list: KeyObject[DenyList]
) -> None:
    deny_list.load()
    keys.put("denied.json", {"jti": ["t2"]})
    keys.seconds = REFRESH_SECONDS
    assert deny_list.load() == DenyList()
    keys.seconds += 0.5
    assert deny_list.load() == DenyList(jti=frozenset({"t2"}))
    assert len(keys.reads) == 2


def test_a_copy_counts_until_it_is_ten_minutes_old(
    keys: KeysBucket, deny_list: KeyObject[DenyList], logs: Callable[[], str]
) -> None:
    deny_list.load()
    keys.is_away = True
    keys.seconds = EXPIRY_SECONDS
    deny_list.load()
    keys.seconds += 0.5
    with pytest.raises(KeysUnavailable) as caught:
        deny_list.load()
    assert caught.value.detail == "Sign-ins cannot be checked just now."
    assert logs()


def test_after_a_read_that_failed_the_next_one_waits(
    keys: KeysBucket, deny_list: KeyObject[DenyList]
) -> None:
    deny_list.load()
    keys.objects["denied.json"] = b"{"
    keys.seconds = REFRESH_SECONDS + 1
    deny_list.load()
    for seconds, reads in ((RETRY_SECONDS - 0.5, 2), (0.5, 3)):
        keys.seconds += seconds
        deny_list.load()
        assert len(keys.reads) == reads


def test_what_cannot_be_read_is_logged_by_name_and_counted(
    keys: KeysBucket, deny_list: KeyObject[DenyList], logs: Callable[[], str]
) -> None:
    metrics.clear_metrics()
    del keys.objects["denied.json"]
    with pytest.raises(KeysUnavailable):
        deny_list.load()
    metrics.flush_metrics()
    lines = [json.loads(line) for line in logs().splitlines()]
    (entry,) = [line for line in lines if line.get("message") == "keys not read"]
    assert (entry["level"], entry["object"], entry["reason"]) == ("ERROR", "denied.json", "denied.json")
    assert entry["exception_name"] == "FileNotFoundError"
    assert entry["exception"].endswith("FileNotFoundError: denied.json")
    (counted,) = [line for line in lines if UNREADABLE_METRIC in line]
    assert counted[UNREADABLE_METRIC] == [1.0]
    (declared,) = counted["_aws"]["CloudWatchMetrics"]
    assert declared["Metrics"] == [{"Name": UNREADABLE_METRIC, "Unit": "Count"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            {"subjects": {"i" * 101: ["alice"]}},
            f"subjects: {'i' * 100!r} is no issuer of STOCKROOM_ISSUERS, so this withdraws nothing",
        ),
        (
            {"subjects": {"stockroom": [" " * 101]}},
            f"subjects of stockroom: no token can have {' ' * 100!r}, so this withdraws nothing",
        ),
        ({"jti": [""]}, "jti: no token can have '', so this withdraws nothing"),
        ('{"jti": [], "jti": []}', "an object has two members of one name"),
    ],
)
def test_the_log_says_why_an_entry_has_no_effect(
    keys: KeysBucket, logs: Callable[[], str], content: object, reason: str
) -> None:
    checked = KeyObject(
        "denied.json", DenyList, keys.read, lambda: keys.seconds, lambda found: found.check(["stockroom"])
    )
    keys.objects["denied.json"] = (content if isinstance(content, str) else json.dumps(content)).encode()
    with pytest.raises(KeysUnavailable):
        checked.load()
    (entry,) = [json.loads(line) for line in logs().splitlines() if "keys not read" in line]
    assert entry["reason"] == reason


@pytest.mark.parametrize(
    ("text", "is_possible"),
    [("", False), ("x", True), ("x" * MAX_CLAIM_CHARACTERS, True), ("x" * (MAX_CLAIM_CHARACTERS + 1), False)],
)
def test_the_shortest_and_the_longest_text_of_a_claim(text: str, is_possible: bool) -> None:
    assert can_be_claimed(text) is is_possible
