"""What the API is told about a file."""

import os
from pathlib import Path
from typing import Any

import pytest

from stockroom_client.local_file import LocalFile

KNOWN = {"type": "image/jpeg", "size": 3, "sha256": "ab"}


def make(name: str, metadata: dict[str, Any] | None = None) -> LocalFile:
    """A file that has been hashed."""
    return LocalFile(Path("/x") / name, metadata or {}, size=3, media_type="image/jpeg", sha256="ab")


def test_only_what_is_known_is_sent() -> None:
    assert make("a.jpg").request() == {"name": "a.jpg", **KNOWN}


def test_captions_are_sent() -> None:
    metadata = {"name": "The sea", "description": "", "tags": ["blue"], "license": "CC0-1.0", "credit": "Ada"}
    assert make("a.jpg", metadata).request() == {
        "name": "The sea",
        "file_name": "a.jpg",
        "description": "",
        "tags": ["blue"],
        "license": "CC0-1.0",
        "credit": "Ada",
        **KNOWN,
    }


@pytest.mark.parametrize("name", ["a\nb.jpg", "a\\b.jpg", "gpj.\u202ea"])
def test_a_title_goes_without_a_name_that_the_library_refuses(name: str) -> None:
    assert make(name, {"name": "The sea"}).request() == {"name": "The sea", **KNOWN}


def test_a_caption_knows_what_the_file_was_once_called() -> None:
    sent = make("0123456789abc.jpg", {"name": "The sea", "file_name": "DSC_0012.JPG"}).request()
    assert (sent["name"], sent["file_name"]) == ("The sea", "DSC_0012.JPG")


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (os.fsdecode(b"caf\xe9.jpg"), "caf\N{REPLACEMENT CHARACTER}.jpg"),
        ("cafe\N{COMBINING ACUTE ACCENT}.jpg", "caf\N{LATIN SMALL LETTER E WITH ACUTE}.jpg"),
    ],
)
def test_names_are_made_text(name: str, sent: str) -> None:
    assert make(name).request()["name"] == sent
