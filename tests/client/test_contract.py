"""The client's idea of the API is the server's."""

import json
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from stockroom_client import contract
from stockroom_client.captions import Caption
from stockroom_client.cli import CLEARABLE, edit, upload
from stockroom_client.editing import Change
from stockroom_client.local_file import LocalFile

ROOT = Path(__file__).parents[2]
SCHEMAS: dict[str, Any] = json.loads((ROOT / "stockroom" / "api" / "openapi.json").read_text())["components"][
    "schemas"
]
UPLOADS = ("UploadAnswer", "TicketAnswer", "Upload")
READ = [
    ("Ticket", "Ticket"),
    ("FileError", "FileError"),
    ("Image", "Image"),
    ("OriginalLink", "OriginalLink"),
    ("FileFormat", "FileFormat"),
    ("Config", "Config"),
    ("Problem", "Problem"),
    ("EditAnswer", "EditAnswer"),
]


def fields(shape: str) -> dict[str, msgspec.structs.FieldInfo]:
    """The fields of one of the client's types, by their names in JSON."""
    return {field.encode_name: field for field in msgspec.structs.fields(getattr(contract, shape))}


@pytest.mark.parametrize(("ours", "theirs"), READ)
def test_what_is_read(ours: str, theirs: str) -> None:
    schema = SCHEMAS[theirs]
    required = {name for name, field in fields(ours).items() if field.required}
    assert set(fields(ours)) <= set(schema["properties"])
    assert required <= set(schema["required"])


def test_renditions() -> None:
    assert "720p" in SCHEMAS["ImageUrls"]["required"]


def test_uploads_are_read_from_three_answers() -> None:
    assert set(fields("Upload")) == set().union(
        *(set(SCHEMAS[name]["properties"]) & set(fields("Upload")) for name in UPLOADS)
    )
    states = set().union(*(SCHEMAS[name]["properties"]["state"]["enum"] for name in UPLOADS))
    assert set(get_args(get_type_hints(contract.Upload)["state"])) == states
    assert all("state" in SCHEMAS[name]["required"] for name in UPLOADS)


def test_pages() -> None:
    for name, entries in (("ImagePage", "images"), ("UploadPage", "uploads")):
        assert {"next", entries} <= set(SCHEMAS[name]["required"])
    assert {"relaxed", "related"} <= SCHEMAS["ImagePage"]["properties"].keys()
    assert set(fields("Page")) == {"next", "images", "uploads", "relaxed", "related"}


def test_what_is_sent() -> None:
    schema = SCHEMAS["UploadFile"]
    known = set(LocalFile(Path("a.jpg")).request())
    captions = set(Caption.__struct_fields__) - {"file"}
    assert known == set(schema["required"])
    assert known | captions == set(schema["properties"])
    shared = captions - {"name", "file_name"}
    assert shared == set(SCHEMAS["SharedMetadata"]["properties"])
    assert shared == {option.name for option in upload.params} & set(schema["properties"])


def test_what_is_sent_to_edit() -> None:
    changes, request = SCHEMAS["Changes"]["properties"], SCHEMAS["EditRequest"]["properties"]
    options = {option.name for option in edit.params}
    # The command line tells no revisions: it changes what the library has.
    assert set(Change.__struct_fields__) == {*changes, *request} - {"ids", "set", "revisions"}
    assert set(Change.__struct_fields__) <= options
    assert set(CLEARABLE) == changes.keys() - {"name", "license"}
    states = get_args(get_type_hints(contract.EditAnswer)["state"])
    assert set(states) == set(SCHEMAS["EditAnswer"]["properties"]["state"]["enum"])


def test_every_type_is_checked() -> None:
    shapes = {
        name
        for name, value in vars(contract).items()
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value is not msgspec.Struct
    }
    assert shapes == {ours for ours, _ in READ} | {"Upload", "Page", "Changed"}


def test_what_becomes_of_pictures() -> None:
    answers = ("DeletionAnswer", "RestorationAnswer")
    states = set().union(*(SCHEMAS[name]["properties"]["state"]["enum"] for name in answers))
    assert set(get_args(get_type_hints(contract.Changed)["state"])) == states
    assert all({"id", "state"} <= set(SCHEMAS[name]["required"]) for name in answers)
    assert "restorable_until" in SCHEMAS["DeletionAnswer"]["properties"]
