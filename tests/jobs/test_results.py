from copy import copy
from typing import Literal

import msgspec
import pytest

from jobs.results import ResultStore
from stockroom.resources import Resources
from stockroom.runtime.errors import StorageUnavailable


class Row(msgspec.Struct):
    number: int
    text: str
    share: float
    is_good: bool = False
    outcome: Literal["rendered", "failed"] = "failed"


ROWS = [Row(2**62, "Ägypten", 0.25, True), Row(-1, "", 0.0)]


@pytest.fixture
def store(resources: Resources) -> ResultStore:
    return ResultStore(resources.settings.uploads_bucket, "rerender", "run-1")


def test_rows_come_back_from_a_part_as_they_were(store: ResultStore) -> None:
    store.write_part("parts/1.parquet", ROWS)
    assert store.read_part("parts/1.parquet", Row) == ROWS


def test_a_part_that_is_not_there_is_named(store: ResultStore) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"s3://stockroom-uploads/jobs/rerender/run-1/parts/2\.parquet"
    ):
        store.read_part("parts/2.parquet", Row)


def test_names_are_listed_beyond_the_first_page(store: ResultStore, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"parts/{number}" for number in range(5)]
    for name in [*names, "progress.json"]:
        store.write(name, b"{}", "application/json")
    ResultStore(store.bucket, "rerender", "run-10").write("parts/9", b"", "text/plain")
    client = store._client
    monkeypatch.setattr(store, "_client", _Paged(client))
    assert list(store.list_names("parts/")) == names
    assert list(store.list_names("")) == [*names, "progress.json"]


def test_what_is_deleted_may_be_gone_already_and_nothing_else_goes(
    store: ResultStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("parts/1", "parts/2", "parts/3"):
        store.write(name, b"", "text/plain")
    store.delete(["parts/0", "parts/1", "parts/2"])
    assert list(store.list_names("")) == ["parts/3"]
    refused = {"Errors": [{"Key": "parts/3", "Code": "AccessDenied"}]}
    monkeypatch.setattr(store._client, "delete_objects", lambda **_: refused)
    with pytest.raises(StorageUnavailable, match="could not be deleted"):
        store.delete(["parts/3"])


def test_other_runs_of_the_job_are_known(store: ResultStore) -> None:
    assert store.list_other_runs() == []
    for run in ("rerender/run-1", "rerender/run-2", "rerender/run-3", "facts/run-4"):
        ResultStore(store.bucket, *run.split("/")).write("parts/1", b"", "text/plain")
    assert store.list_other_runs() == ["run-2", "run-3"]


def test_an_object_is_replaced_and_its_absence_is_none(store: ResultStore) -> None:
    assert store.read("progress.json") is None
    for content in (b"1", b"2"):
        store.write("progress.json", content, "application/json")
    assert store.read("progress.json") == b"2"


def test_the_first_one_to_write_a_new_object_is_right(store: ResultStore) -> None:
    assert store.write_new("plan.json", b"first", "application/json")
    assert not store.write_new("plan.json", b"second", "application/json")
    assert store.read("plan.json") == b"first"
    elsewhere = ResultStore("no-such-bucket", "rerender", "run-1")
    with pytest.raises(StorageUnavailable):
        elsewhere.write_new("plan.json", b"first", "application/json")


def test_a_store_travels_to_an_executor_without_its_client(store: ResultStore) -> None:
    store.write("a", b"1", "text/plain")
    assert copy(store).read("a") == b"1"


class _Paged:
    """S3 with two keys on a page."""

    def __init__(self, client: object) -> None:
        self._client = client

    def list_objects_v2(self, **arguments: object) -> object:
        return self._client.list_objects_v2(**arguments, MaxKeys=2)  # type: ignore[attr-defined]
