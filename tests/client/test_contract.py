"""The client's idea of the API is the server's."""

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from stockroom_client import contract

ROOT = Path(__file__).parents[2]
SCHEMAS: dict[str, Any] = json.loads((ROOT / "stockroom" / "api" / "openapi.json").read_text())["components"][
    "schemas"
]

NAMES = [
    ("Metadata", "UploadFile"),
    ("UploadFile", "UploadFile"),
    ("Ticket", "Ticket"),
    ("FileError", "FileError"),
    ("ImageUrls", "ImageUrls"),
    ("Image", "Image"),
    ("ImagePage", "ImagePage"),
    ("UploadAnswer", "UploadAnswer"),
    ("TicketAnswer", "TicketAnswer"),
    ("Upload", "Upload"),
    ("UploadPage", "UploadPage"),
    ("Config", "Config"),
]


@pytest.mark.parametrize(("ours", "theirs"), NAMES)
def test_fields(ours: str, theirs: str) -> None:
    shape, schema = getattr(contract, ours), SCHEMAS[theirs]
    assert set(shape.__annotations__) <= set(schema["properties"])
    if (
        ours == "UploadFile"
    ):  # what we send has all that is required; what we read relies on no more than that
        assert set(schema["required"]) <= shape.__required_keys__
    elif ours != "Metadata":
        assert shape.__required_keys__ <= set(schema["required"])


def test_shared_metadata() -> None:
    shared = set(contract.Metadata.__annotations__) - {"name"}
    assert shared == set(SCHEMAS["SharedMetadata"]["properties"])


@pytest.mark.parametrize("name", ["UploadAnswer", "TicketAnswer", "Upload"])
def test_states(name: str) -> None:
    hints = get_type_hints(getattr(contract, name))
    assert set(get_args(hints["state"])) == set(SCHEMAS[name]["properties"]["state"]["enum"])


def test_every_shape_is_checked() -> None:
    shapes = {name for name, value in vars(contract).items() if hasattr(value, "__required_keys__")}
    assert shapes == {ours for ours, _ in NAMES}
