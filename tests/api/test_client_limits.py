import pytest

from stockroom.api.client_limits import BURST_SECONDS, CDN_HEADER, MAX_CLIENTS, ClientLimits, find_client
from stockroom.runtime.errors import LimitExceeded

VIEWER, EDGE, SECRET = "198.51.100.7", "203.0.113.1", "known to the CDN alone"


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def count_answers(limits: ClientLimits, client: str, requests: int) -> int:
    answered = 0
    for _ in range(requests):
        try:
            limits.spend(client)
        except LimitExceeded:
            continue
        answered += 1
    return answered


def test_a_burst_is_answered_and_then_the_rate() -> None:
    clock = Clock()
    limits = ClientLimits(2, clock=clock)
    assert count_answers(limits, VIEWER, 100) == 2 * BURST_SECONDS
    clock.seconds += 3
    assert count_answers(limits, VIEWER, 100) == 6
    clock.seconds += 10 * BURST_SECONDS
    assert count_answers(limits, VIEWER, 100) == 2 * BURST_SECONDS


def test_one_client_costs_another_nothing() -> None:
    limits = ClientLimits(1, clock=Clock())
    count_answers(limits, VIEWER, 100)
    assert count_answers(limits, EDGE, 1) == 1


def test_a_refusal_says_when_there_is_a_turn_again() -> None:
    clock = Clock()
    limits = ClientLimits(1, clock=clock)
    count_answers(limits, VIEWER, 100)
    with pytest.raises(LimitExceeded) as caught:
        limits.spend(VIEWER)
    assert (caught.value.status, caught.value.code) == (429, "too-many-requests")
    clock.seconds += int(caught.value.headers["Retry-After"])
    limits.spend(VIEWER)


def test_requests_that_are_refused_do_not_put_the_next_turn_off() -> None:
    clock = Clock()
    limits = ClientLimits(1, clock=clock)
    count_answers(limits, VIEWER, 100)
    for _ in range(8):
        clock.seconds += 1 / 8
        answered = count_answers(limits, VIEWER, 5)
    assert answered == 1


def test_the_memory_is_bounded_and_forgets_who_was_not_seen_for_longest() -> None:
    limits = ClientLimits(1, clock=Clock())
    count_answers(limits, "first", 100)
    count_answers(limits, "second", 100)
    for number in range(MAX_CLIENTS - 1):
        limits.spend(str(number))
    assert len(limits._buckets) == MAX_CLIENTS
    assert count_answers(limits, "second", 1) == 0
    assert count_answers(limits, "first", 1) == 1


def test_without_a_rate_there_is_no_limit() -> None:
    limits = ClientLimits(0, clock=Clock())
    assert count_answers(limits, VIEWER, 1000) == 1000


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (f"{VIEWER}, {EDGE}", VIEWER),
        (f"1.2.3.4, {VIEWER}, {EDGE}", VIEWER),
        (f"1.2.3.4,{EDGE},{VIEWER},{EDGE}", VIEWER),
        (VIEWER, VIEWER),
        (EDGE, EDGE),
        ("", EDGE),
        (None, EDGE),
    ],
)
def test_the_viewer_is_who_the_cdn_has_added_last(forwarded: str | None, client: str) -> None:
    headers = {CDN_HEADER: SECRET} | ({} if forwarded is None else {"x-forwarded-for": forwarded})
    assert find_client(headers, EDGE, SECRET) == client


@pytest.mark.parametrize("proof", [None, "", "guessed", "\xe9"])
def test_without_a_proof_only_the_connection_counts(proof: str | None) -> None:
    headers = {"x-forwarded-for": f"1.2.3.4, {VIEWER}"} | ({} if proof is None else {CDN_HEADER: proof})
    assert find_client(headers, VIEWER, SECRET) == VIEWER
    assert find_client(headers | {"x-forwarded-for": "5.6.7.8"}, VIEWER, SECRET) == VIEWER


def test_without_a_secret_no_cdn_is_believed() -> None:
    assert find_client({CDN_HEADER: "", "x-forwarded-for": "1.2.3.4"}, EDGE, "") == EDGE


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", VIEWER),
        ("no address", "no address"),
        ("x" * 1000, "x" * 64),
    ],
)
def test_addresses_of_one_network_are_one_client(address: str, client: str) -> None:
    assert find_client({}, address, "") == client
