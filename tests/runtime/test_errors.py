import pytest

from stockroom.runtime.errors import (
    BadRequest,
    Code,
    Conflict,
    DatabaseUnavailable,
    DatabaseWaking,
    ErrorPlace,
    InvalidField,
    KeysUnavailable,
    NotFound,
    StockroomError,
    StorageUnavailable,
    Unauthenticated,
    Unavailable,
)


def test_an_error_has_the_code_of_its_class_or_its_own() -> None:
    assert NotFound("Nothing.").code == "not-found"
    assert Conflict("Too late.", code="already-ready").code == "already-ready"
    assert (StockroomError("Oh.").status, StockroomError("Oh.").code) == (500, "internal-error")


def test_a_wrong_place_is_named() -> None:
    error = BadRequest.at("/files", "no-files", "The batch is empty.")
    assert (error.status, error.code, error.detail) == (400, "no-files", "The batch is empty.")
    assert error.errors == [ErrorPlace("/files", "no-files", "The batch is empty.")]


def test_a_wrong_field_is_a_bad_request_with_its_pointer() -> None:
    error = InvalidField("/size", "too-large", "The file is too large.")
    assert isinstance(error, BadRequest)
    assert (error.status, error.code, error.pointer) == (400, "too-large", "/size")
    assert error.errors == [ErrorPlace("/size", "too-large", "The file is too large.")]


@pytest.mark.parametrize(
    ("code", "challenge"),
    [
        (None, 'Bearer realm="stockroom"'),
        ("token-expired", 'Bearer realm="stockroom", error="invalid_token"'),
    ],
)
def test_a_challenge_names_an_error_only_when_a_token_was_sent(code: Code | None, challenge: str) -> None:
    assert Unauthenticated("Sign in.", code=code).headers == {"WWW-Authenticate": challenge}


@pytest.mark.parametrize(
    ("family", "code", "seconds"),
    [
        (Unavailable, "busy", "1"),
        (DatabaseUnavailable, "database-unavailable", "5"),
        (StorageUnavailable, "storage-unavailable", "10"),
        (KeysUnavailable, "keys-unavailable", "5"),
    ],
)
def test_a_503_says_which_part_is_away_and_when_to_try_again(
    family: type[Unavailable], code: Code, seconds: str
) -> None:
    problem = family("Away.")
    assert (problem.status, problem.code, problem.headers) == (503, code, {"Retry-After": seconds})


def test_a_database_that_wakes_up_is_a_503_of_its_own() -> None:
    problem = DatabaseWaking()
    assert (problem.status, problem.code, problem.headers) == (503, "database-waking", {"Retry-After": "5"})
