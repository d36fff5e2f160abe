"""The options that every command has."""

import pytest

from stockroom_client.session import DEFAULT_URL
from tests.client.conftest import Run
from tests.client.library import TOKEN, Library, answer, serving


def test_options_win_over_the_environment(library: Library, run: Run) -> None:
    assert run("status", "--token", TOKEN, token="bad").status == 0
    ran = run("search", "--url", "http://127.0.0.1:1")
    assert ran.status == 1
    assert "127.0.0.1 cannot be reached" in ran.err
    assert "Connection refused: is http://127.0.0.1:1/ the right URL?" in ran.err
    assert "trying again" not in ran.err
    assert [path for _, path, _ in library.requests] == ["/api/uploads?limit=20"]


@pytest.mark.parametrize("token", [f" http://localhost:8000/#token={TOKEN}\n", f" {TOKEN} "])
def test_sign_in_link_is_a_token(run: Run, token: str) -> None:
    assert run("status", token=token).status == 0


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", "http://", "http://[", "", "x"])
def test_other_urls_are_wrong_usage(run: Run, url: str) -> None:
    ran = run("search", "--url", url)
    assert ran.status == 2
    assert f"an address like {DEFAULT_URL}" in ran.err


@pytest.mark.parametrize(
    "url", ["http://library.example", "http://10.0.0.1:8000", "http://localhost@evil.example"]
)
def test_an_address_on_whose_way_others_can_read_is_wrong_usage(library: Library, run: Run, url: str) -> None:
    for command in ("search", "status", "upload"):
        ran = run(command, "--url", url, *(["x"] if command == "upload" else []))
        assert ran.status == 2
        assert "other addresses than https" in " ".join(ran.err.split())
    assert not library.requests


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_does_not_follow_a_redirect_to_another_host(
    library: Library, run: Run, status: int
) -> None:
    with serving() as other:
        library.fault("GET /api/uploads", answer(status, Location=f"{other.url}/api/uploads?limit=20"))
        ran = run("status")
        assert ran.status == 1
        assert "redirects to" in ran.err
        assert (other.requests, other.authorizations) == ([], [])


@pytest.mark.parametrize("command", ["upload x", "status"])
def test_a_token_is_needed(library: Library, run: Run, command: str) -> None:
    ran = run(*command.split(), token="")
    assert ran.status == 2
    assert "STOCKROOM_TOKEN" in ran.err
    assert not library.requests


def test_the_token_goes_to_the_library_alone(library: Library, run: Run) -> None:
    assert run("search", token="").status == 0
    assert library.authorizations == [None]
    assert run("status").status == 0
    assert library.authorizations == [None, f"Bearer {TOKEN}"]


def test_the_default_is_this_machine(run: Run) -> None:
    ran = run("search", "--help")
    assert DEFAULT_URL in ran.out
    assert "STOCKROOM_URL" in ran.out
