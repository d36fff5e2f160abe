import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.s3 import is_absent, make_client, storage_errors


def client_error(status: int, code: str = "") -> ClientError:
    answer = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code or str(status)}}
    return ClientError(answer, "GetObject")


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, "404", True),  # of a HEAD
        (404, "NoSuchKey", True),
        (404, "NoSuchBucket", False),
        (403, "AccessDenied", False),
        (500, "InternalError", False),
    ],
)
def test_only_a_404_of_a_key_is_absence(status: int, code: str, expected: bool) -> None:
    assert is_absent(client_error(status, code)) is expected


@pytest.mark.parametrize(
    "error", [client_error(403), client_error(500), EndpointConnectionError(endpoint_url="http://s3")]
)
def test_errors_of_s3_are_503(error: Exception) -> None:
    with pytest.raises(StorageUnavailable) as caught, storage_errors():
        raise error
    assert caught.value.__cause__ is error


def test_other_errors_are_raised_as_they_are() -> None:
    with pytest.raises(KeyError), storage_errors():
        raise KeyError("own mistake")


def test_a_client_of_the_emulator_names_its_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert make_client("http://127.0.0.1:9").meta.endpoint_url == "http://127.0.0.1:9"
