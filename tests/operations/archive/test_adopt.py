"""Adopting folders and buckets, into a fake library on a real port."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from operations.archive import adopt as module
from operations.archive.adopt import NO_PATH, adopt
from operations.archive.library import Library
from tests.client import library as fake
from tooling.errors import ToolError

BUCKET = "old-archive"


@pytest.fixture
def target() -> Iterator[fake.Library]:
    with fake.serving() as library:
        yield library


@pytest.fixture
def library(target: fake.Library) -> Library:
    def ask(event: dict[str, Any]) -> dict[str, Any]:
        assert event["ask"] == "row"
        return {"rows": [{}] if event["id"] in target.rows else []}

    def make_token(subject: str, name: str) -> str:
        assert subject in ("alice", "bob")
        assert not name
        return fake.TOKEN

    return Library(target.url, None, "", ask, make_token)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket in memory, by the credentials of the shell."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        yield client


def put(s3: Any, **objects: bytes) -> None:
    for key, content in objects.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=content)


def run(library: Library, journal: Path, prefix: str = "", **options: Any) -> list[str]:
    """Adopt the bucket; what was told, about objects and in the end."""
    told: list[str] = []
    options = {"subject": "alice"} | options
    adopt(
        library,
        f"s3://{BUCKET}/{prefix}",
        told.append,
        journal=str(journal),
        tell=told.append,
        **options,
    )
    return told


def test_the_pictures_of_a_bucket_are_uploaded_in_lots_and_the_rest_is_passed_over(
    library: Library, target: fake.Library, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOT_FILES", 2)
    put(
        s3,
        **{
            "2020/a.jpg": fake.JPEG + b"a",
            "2020/deep/a.jpg": fake.JPEG + b"another a",
            "2020/no-name-of-a-picture": fake.JPEG + b"b",
            "2020/words": b"text",
            "2020/film.mp4": b"film",
            "2020/.hidden.jpg": fake.JPEG + b"c",
            "2020/folder/": b"",
            "2021/d.jpg": fake.JPEG + b"d",
        },
    )
    captions = tmp_path / "captions.csv"
    captions.write_text("file,description\na.jpg,By its path\ndeep/a.jpg,Deep\nnobody.jpg,Nobody\n")
    told = run(library, tmp_path / "journal", "2020/", captions=str(captions))
    assert [line.split()[:2] for line in told[:3]] == [
        ["ready", "2020/a.jpg"],
        ["ready", "2020/deep/a.jpg"],
        ["ready", "2020/no-name-of-a-picture"],
    ]
    assert told[3] == "no object for the caption of nobody.jpg"
    assert told[4].startswith("4 passed-over, 3 ready; ")
    assert set(target.objects.values()) == {fake.JPEG + each for each in (b"a", b"another a", b"b")}
    asked = [file for body in target.calls("POST", "/api/uploads") for file in body["files"]]
    assert {file["sha256"]: file.get("description") for file in asked} == {
        sha256(fake.JPEG + content).hexdigest(): description
        for content, description in ((b"a", "By its path"), (b"another a", "Deep"), (b"b", None))
    }


def test_another_run_fetches_what_is_new_replaced_or_has_failed(
    library: Library, target: fake.Library, s3: Any, tmp_path: Path
) -> None:
    journal = tmp_path / "state" / "journal"
    put(s3, **{"a.jpg": fake.JPEG + b"a", "b.jpg": fake.JPEG + b"b", "c.jpg": fake.JPEG + b"c", "d": b"text"})
    target.failing["c.jpg"] = {"code": "undecodable", "detail": "No."}
    with pytest.raises(ToolError, match="1 objects were not taken"):
        run(library, journal)
    target.failing.clear()
    put(s3, **{"b.jpg": fake.JPEG + b"new", "e.jpg": fake.JPEG + b"e"})
    told = run(library, journal)
    assert sorted(line.split()[:2] for line in told[:-1]) == [
        ["ready", "b.jpg"],
        ["ready", "c.jpg"],
        ["ready", "e.jpg"],
    ]
    assert "2 there already" in told[-1]


def test_what_was_adopted_as_one_contributors_is_not_there_as_anothers(
    library: Library, s3: Any, tmp_path: Path
) -> None:
    put(s3, **{"a.jpg": fake.JPEG})
    run(library, tmp_path / "journal")
    told = run(library, tmp_path / "journal", subject="bob")
    assert told[0].split()[1] == "a.jpg"
    assert "1 there already" in run(library, tmp_path / "journal")[-1]


def test_a_journal_of_pictures_that_the_library_has_lost_is_refused(
    library: Library, target: fake.Library, s3: Any, tmp_path: Path
) -> None:
    put(s3, **{"a.jpg": fake.JPEG + b"a", "b.jpg": fake.JPEG + b"b"})
    run(library, tmp_path / "journal")
    # Restored to a moment before the newest picture.
    del target.rows[max(target.rows)]
    with pytest.raises(ToolError, match=r"does not have the picture ID00000000001, .*JOURNAL="):
        run(library, tmp_path / "journal")
    assert [line.split()[:2] for line in run(library, tmp_path / "new")[:-1]] == [
        ["duplicate", "a.jpg"],
        ["ready", "b.jpg"],
    ]


def test_keys_that_are_no_paths_and_objects_that_are_too_large_are_named(
    library: Library, target: fake.Library, s3: Any, tmp_path: Path
) -> None:
    target.max_bytes = 100
    put(
        s3,
        **{
            "../up.jpg": fake.JPEG + b"1",
            "a//b.jpg": fake.JPEG + b"2",
            "x.jpg": fake.JPEG + b"3",
            "x.jpg/y.jpg": fake.JPEG + b"4",
            "large.jpg": fake.JPEG + bytes(200),
            f"{'n' * 300}.jpg": fake.JPEG + b"5",
        },
    )
    told: list[str] = []
    with pytest.raises(ToolError, match="5 objects were not taken"):
        adopt(
            library,
            f"s3://{BUCKET}",
            lambda _: None,
            subject="alice",
            journal=str(tmp_path / "journal"),
            tell=told.append,
        )
    assert sum(NO_PATH in line for line in told) == 4
    assert any("large.jpg has 204 bytes; the library takes at most 100" in line for line in told)
    assert list(target.objects.values()) == [fake.JPEG + b"3"]


def test_what_is_archived_or_gone_meanwhile_is_named_and_keeps_nothing_else_out(
    library: Library, target: fake.Library, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOPELESS", 2)
    monkeypatch.setattr(module, "LOT_FILES", 2)
    for name in ("a1", "a2", "a3"):
        s3.put_object(Bucket=BUCKET, Key=f"{name}.jpg", Body=fake.JPEG, StorageClass="DEEP_ARCHIVE")
    put(s3, **{"b.jpg": fake.JPEG + b"b", "c.jpg": fake.JPEG + b"c"})
    fetch = module._Bucket.fetch

    def fetch_late(bucket: Any, found: Any, folder: Path) -> str:
        if found.name == "c.jpg":
            s3.delete_object(Bucket=BUCKET, Key="c.jpg")
        return fetch(bucket, found, folder)

    monkeypatch.setattr(module._Bucket, "fetch", fetch_late)
    told: list[str] = []
    with pytest.raises(ToolError, match="4 objects were not taken"):
        adopt(
            library,
            f"s3://{BUCKET}",
            lambda _: None,
            subject="alice",
            journal=str(tmp_path / "journal"),
            tell=told.append,
        )
    assert [line.split()[1] for line in told if "restore" in line] == ["a1.jpg", "a2.jpg", "a3.jpg"]
    assert any("c.jpg" in line and "is no longer there" in line for line in told)
    assert list(target.objects.values()) == [fake.JPEG + b"b"]


def test_the_longest_name_that_a_file_can_have_is_no_obstacle(
    library: Library, target: fake.Library, s3: Any, tmp_path: Path
) -> None:
    name = "\N{SNOWMAN}" * 83 + "ab.jpg"
    assert len(name.encode()) == module.MAX_NAME_BYTES
    put(s3, **{name: fake.JPEG + b"1", "\N{SNOWMAN}z.jpg": fake.JPEG + b"2"})
    run(library, tmp_path / "journal")
    assert len(target.objects) == 2


def test_no_object_takes_the_place_of_another(s3: Any, tmp_path: Path) -> None:
    # As on a file system that takes A.jpg and a.jpg for one name.
    put(s3, **{"a.jpg": fake.JPEG})
    (tmp_path / "a.jpg").write_bytes(b"another")
    bucket = module._Bucket(s3, BUCKET, "")
    assert bucket.fetch(next(bucket.list_objects()), tmp_path) == module.NO_PATH
    assert (tmp_path / "a.jpg").read_bytes() == b"another"


def test_nothing_more_is_fetched_where_the_library_takes_nothing(
    library: Library, target: fake.Library, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOPELESS", 2)
    monkeypatch.setattr(module, "LOT_FILES", 2)
    reason = {"code": "daily-limit", "detail": "Enough for today."}
    for key in ("a.jpg", "b.jpg", "c.jpg"):
        target.rejected[key] = reason
        put(s3, **{key: fake.JPEG + key.encode()})
    with pytest.raises(ToolError, match="takes nothing any more: Enough for today"):
        run(library, tmp_path / "journal")
    asked = [file["name"] for body in target.calls("POST", "/api/uploads") for file in body["files"]]
    assert sorted(asked) == ["a.jpg", "b.jpg"]


def test_a_journal_that_cannot_be_used_is_named(library: Library, s3: Any, tmp_path: Path) -> None:
    put(s3, **{"a.jpg": fake.JPEG})
    (tmp_path / "journal").write_text("no database, " * 100)
    with pytest.raises(ToolError, match=f"journal: {tmp_path}"):
        run(library, tmp_path / "journal")


def test_a_folder_is_uploaded_by_the_command_line(
    library: Library, target: fake.Library, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(fake.JPEG + b"a")
    (tmp_path / "captions.csv").write_text("file,credit\na.jpg,Ada\n")
    options: dict[str, Any] = {"captions": str(tmp_path / "captions.csv"), "subject": "alice"}
    adopt(library, str(tmp_path), lambda _: None, **options)
    (body,) = target.calls("POST", "/api/uploads")
    assert body["files"][0]["credit"] == "Ada"
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    with pytest.raises(ToolError, match="not everything was uploaded"):
        adopt(library, str(tmp_path), lambda _: None, **options)


def test_what_is_not_there_is_not_adopted(library: Library, s3: Any, tmp_path: Path) -> None:
    for source, said in (
        ("", "what is to be adopted. Give FROM="),
        (str(tmp_path / "nowhere"), "nowhere is not there. Give FROM="),
        ("s3://", "which bucket. Give FROM="),
        ("s3:///2019", "which bucket. Give FROM="),
    ):
        with pytest.raises(ToolError, match=said):
            adopt(library, source, lambda _: None)
    s3.delete_bucket(Bucket=BUCKET)
    with pytest.raises(ToolError, match="NoSuchBucket"):
        run(library, tmp_path / "journal")


def test_captions_that_cannot_be_read_are_said_before_anything_is_uploaded(
    library: Library, s3: Any, target: fake.Library, tmp_path: Path
) -> None:
    put(s3, **{"a.jpg": fake.JPEG})
    with pytest.raises(ToolError, match=r"captions\.csv"):
        run(library, tmp_path / "journal", captions=str(tmp_path / "captions.csv"))
    assert target.requests == []


def test_a_folder_whose_captions_cannot_be_read_is_not_said_to_be_uploaded_in_part(
    library: Library, target: fake.Library, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(fake.JPEG)
    options: dict[str, Any] = {"captions": str(tmp_path / "nowhere.csv"), "subject": "alice"}
    with pytest.raises(ToolError, match="nothing was uploaded"):
        adopt(library, str(tmp_path), lambda _: None, **options)
    assert target.requests == []


def test_a_site_that_is_no_library_is_said_to_be_none(s3: Any, library: Library, tmp_path: Path) -> None:
    put(s3, **{"a.jpg": fake.JPEG})
    nowhere = Library("http://127.0.0.1:1", None, "", library.ask, library.make_token)
    with pytest.raises(ToolError, match="does not answer as a library"):
        run(nowhere, tmp_path / "journal")


def test_each_library_and_each_place_has_a_journal_of_its_own() -> None:
    names = {
        module._choose_journal(site, source)
        for site in ("https://a.example", "https://b.example")
        for source in ("s3://x/", "s3://y/")
    }
    assert len(names) == 4
