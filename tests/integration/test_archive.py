"""A library goes out into an export, is lost, and comes back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from operations.archive import bag
from operations.archive.export import read_records
from stockroom.images.contributor_names import looks_like_pseudonym
from stockroom.images.record import PictureRecord
from tests.integration.api import Person, put
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tests.operations.archive.library import AWKWARD, LONG

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

MADE_ANEW = {"id", "created", "file"}
"""What docs/archive.md says an import changes, beside the numbers of pseudonyms."""


@pytest.fixture
def emptied(stack: LocalStack) -> Iterator[LocalStack]:
    """The stack without any picture, before and after."""
    lose_everything(stack)
    yield stack
    lose_everything(stack)


def lose_everything(stack: LocalStack) -> None:
    with stack.database() as connection, connection.cursor() as cursor:
        for table in ("image", "posting", "posting_skip", "upload_usage", "owner"):
            cursor.execute(f"DELETE FROM {table}")
        # The functions remember the ids of terms, so the terms stay.
        cursor.execute("UPDATE term SET df = 0")
    for bucket in ("UploadsBucket", "ImagesBucket"):
        for page in stack.s3.get_paginator("list_objects_v2").paginate(Bucket=stack.outputs[bucket]):
            for item in page.get("Contents", ()):
                stack.s3.delete_object(Bucket=stack.outputs[bucket], Key=item["Key"])


def upload(person: Person, **metadata: Any) -> str:
    photo = fresh_photo()
    (answer,) = person.announce(photo, **metadata)
    assert put(answer["ticket"], photo).status == 200
    assert person.settled(answer["id"])["state"] == "ready"
    return str(answer["id"])


def comparable(record: PictureRecord) -> dict[str, Any]:
    if record.owner is not None and looks_like_pseudonym(record.owner.name):
        record = replace(record, owner=replace(record.owner, name="a pseudonym"))
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return {name: value for name, value in fields.items() if name not in MADE_ANEW}


def test_an_export_brings_the_same_library_back(emptied: LocalStack, tmp_path: Path) -> None:
    stack = emptied
    anna = Person(stack, stack.token("anna", name='Anna "A" \N{SNOWMAN}'))
    bert = Person(stack, stack.token("bert"))
    old = [upload(anna, **AWKWARD), upload(anna, **LONG), upload(bert, license="CC0-1.0")]
    first, second = tmp_path / "first", tmp_path / "second"
    stack.make("export", TO=str(first))

    lose_everything(stack)
    told = stack.make("import", FROM=str(first))
    assert sorted(line.split()[:2] for line in told.splitlines()) == sorted(["ready", each] for each in old)
    stack.make("export", TO=str(second))

    before, after = ({each.sha256: comparable(each) for each in read_records(it)} for it in (first, second))
    assert before == after
    assert len(before) == 3
    rows = [row.split(",") for row in (tmp_path / "first-ids.csv").read_text().splitlines()[1:]]
    assert sorted(row[0] for row in rows) == sorted(old)
    assert {row[1] for row in rows} == {record.id for record in read_records(second)}
    for folder in (first, second):
        assert list(bag.check(folder, lambda _: None)) == []
    # What is searched for is found again.
    found = Person(stack).call("GET", "/api/images?q=reunion").json["images"]
    assert [image["name"] for image in found] == [AWKWARD["name"]]

    # A folder that no Stockroom has made.
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "one.jpg").write_bytes(fresh_photo())
    stack.make("adopt", FROM=str(tmp_path / "others"), SUB="anna")
    assert json.loads(stack.make("ask", QUESTION="states")) == [{"state": "ready", "rows": 4}]


def test_a_recovery_is_rehearsed_on_a_copy(emptied: LocalStack) -> None:
    stack = emptied
    person = Person(stack, stack.token("anna"))
    for _ in range(2):
        person.upload_whole(fresh_photo())
    before = stored(stack)
    told = stack.make("drill")
    assert stored(stack) == before
    assert not (stack.layout.data / "drill").exists()
    lost = "lost the rows of 1 pictures, and 5 objects of others"
    for step in (lost, "original-without-row 1", "restored the database", "has its checksum of before"):
        assert step in told


def stored(stack: LocalStack) -> tuple[Any, ...]:
    """The checksum of the table of pictures, and what storage holds."""
    with stack.database() as connection, connection.cursor() as cursor:
        cursor.execute("CHECKSUM TABLE image, owner")
        tables = cursor.fetchall()
    objects = [
        stack.s3.list_objects_v2(Bucket=stack.outputs[bucket]).get("Contents", ())
        for bucket in ("UploadsBucket", "ImagesBucket")
    ]
    return tables, [[(item["Key"], item["ETag"]) for item in each] for each in objects]
