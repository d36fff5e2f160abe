from typing import Any

import pytest

from stockroom.runtime.errors import BadRequest
from stockroom.runtime.validation import convert
from stockroom.uploads.requests import RetryRequest, UploadFile, UploadRequest

FILE = {"name": "a.jpg", "type": "image/jpeg", "size": 1, "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("value", "pointer", "code"),
    [
        ({"files": [], "extra": 1}, "/extra", "unknown-field"),
        ({"files": [], "a/b~c": 1}, "/a~1b~0c", "unknown-field"),
        ({}, "/files", "missing-field"),
        ({"files": 3}, "/files", "invalid-field"),
        ({"files": [], "shared": {"tags": ["a", 3]}}, "/shared/tags/1", "invalid-field"),
        ({"files": [], "shared": {"licence": "x"}}, "/shared/licence", "unknown-field"),
        ([], "", "invalid-field"),
    ],
)
def test_a_wrong_request_names_its_place(value: Any, pointer: str, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        convert(value, UploadRequest)
    (place,) = caught.value.errors
    assert (place.pointer, place.code) == (pointer, code)
    assert caught.value.code == code
    assert caught.value.detail.endswith(".")


def test_a_long_name_is_repeated_in_part() -> None:
    with pytest.raises(BadRequest) as caught:
        convert({"files": [], "x" * 10_000: 1}, UploadRequest)
    (place,) = caught.value.errors
    assert place.pointer == f"/{'x' * 100}…"
    assert len(caught.value.detail) < 200


def test_a_long_value_is_repeated_in_part() -> None:
    with pytest.raises(BadRequest) as caught:
        convert({"code": "x" * 10_000}, RetryRequest)
    assert caught.value.errors[0].pointer == "/code"
    assert len(caught.value.detail) < 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"size": "12"}, "/size"),
        ({"size": 0}, "/size"),
        ({"sha256": "xyz"}, "/sha256"),
        ({"sha256": "0" * 64 + "\n"}, "/sha256"),
        ({"name": ""}, "/name"),
        ({"name": "n" * 256}, "/name"),
        ({"description": "d" * 2001}, "/description"),
        ({"tags": ["t"] * 51}, "/tags"),
    ],
)
def test_a_wrong_file_names_its_field(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadRequest) as caught:
        convert(FILE | change, UploadFile)
    assert caught.value.errors[0].pointer == pointer
    assert pointer.strip("/") in caught.value.detail


def test_a_right_file_passes() -> None:
    assert convert(FILE, UploadFile).name == "a.jpg"
