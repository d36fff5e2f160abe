"""The page in the site's bucket: what a browser needs, at any moment of a publication."""

import json
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from operations import publish
from tests.distributions import create_distribution, list_batches
from tooling.errors import ToolError

DAY = 24 * 3600


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "app-1a2b.js").write_text("1")
    (folder / "assets" / "app-1a2b.css").write_text("a{}")
    return folder


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_bucket(Bucket="site")
        yield client


class Cache:
    """What a cache was told to forget, a list for each time."""

    def __init__(self) -> None:
        self.forgotten: list[list[str]] = []

    def __call__(self, paths: list[str]) -> None:
        self.forgotten.append(paths)


def keys(s3: Any) -> set[str]:
    found = {item["Key"] for item in s3.list_objects_v2(Bucket="site").get("Contents", [])}
    return found - {publish.RECORD}


def release(built: Path, script: str) -> None:
    """Build another page, with another script."""
    (old,) = built.glob("assets/*.js")
    old.unlink()
    (built / "assets" / script).write_text(script)
    (built / "index.html").write_text(f"<!doctype html>{script}")


def test_only_what_changed_is_copied(s3: Any, built: Path) -> None:
    assert len(publish.publish(s3, "site", built=built).copied) == 4
    assert publish.publish(s3, "site", built=built) == publish.Published((), ())
    release(built, "app-3c4d.js")
    assert set(publish.publish(s3, "site", built=built).copied) == {"assets/app-3c4d.js", "index.html"}


def test_an_open_tab_finds_the_files_of_its_own_page_for_thirty_days(s3: Any, built: Path) -> None:
    # The first page was published a year before the second.
    publish.publish(s3, "site", built=built, clock=lambda: 0)
    release(built, "app-3c4d.js")
    publish.publish(s3, "site", built=built, clock=lambda: 365 * DAY)
    publish.publish(s3, "site", built=built, clock=lambda: 394 * DAY)
    assert "assets/app-1a2b.js" in keys(s3)
    done = publish.publish(s3, "site", built=built, clock=lambda: 395 * DAY)
    assert done.removed == ("assets/app-1a2b.js",)
    assert keys(s3) == {"index.html", "favicon.svg", "assets/app-3c4d.js", "assets/app-1a2b.css"}


def test_a_file_that_is_in_use_again_stays(s3: Any, built: Path) -> None:
    publish.publish(s3, "site", built=built, clock=lambda: 0)
    release(built, "app-3c4d.js")
    publish.publish(s3, "site", built=built, clock=lambda: DAY)
    release(built, "app-1a2b.js")
    publish.publish(s3, "site", built=built, clock=lambda: 2 * DAY)
    publish.publish(s3, "site", built=built, clock=lambda: 40 * DAY)
    assert "assets/app-1a2b.js" in keys(s3)
    assert "assets/app-3c4d.js" not in keys(s3)


def test_the_page_comes_after_everything_that_it_names(built: Path) -> None:
    order: list[str] = []

    class Recorder:
        def put_object(self, **request: Any) -> None:
            order.append(request["Key"])

        def get_object(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")

        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, **_: Any) -> list[Any]:
            return [{}]

    publish.publish(Recorder(), "site", built=built)
    assert order == [
        "assets/app-1a2b.css", "assets/app-1a2b.js", "favicon.svg", "index.html", "published.json",
    ]  # fmt: skip


def test_a_cache_forgets_what_can_have_changed_under_its_name(s3: Any, built: Path) -> None:
    cache = Cache()
    publish.publish(s3, "site", built=built, invalidate=cache)
    release(built, "app-3c4d.js")
    publish.publish(s3, "site", built=built, invalidate=cache)
    publish.publish(s3, "site", built=built, invalidate=cache)
    assert cache.forgotten == [["/", "/favicon.svg", "/index.html"], ["/", "/index.html"]]


def test_a_publication_that_was_interrupted_is_finished_by_the_next(s3: Any, built: Path) -> None:
    def fail(_: list[str]) -> None:
        raise ToolError("CloudFront does not answer")

    publish.publish(s3, "site", built=built)
    release(built, "app-3c4d.js")
    with pytest.raises(ToolError):
        publish.publish(s3, "site", built=built, invalidate=fail)
    cache = Cache()
    publish.publish(s3, "site", built=built, invalidate=cache)
    assert cache.forgotten == [["/", "/index.html"]]


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_publications_at_once_the_last_one_is_whole(
    s3: Any, built: Path, tmp_path: Path, is_first: bool
) -> None:
    """Otherwise the record could say of one page that it is published, while the bucket has the other."""
    if not is_first:
        publish.publish(s3, "site", built=built)
    other = tmp_path / "other"
    shutil.copytree(built, other)
    release(built, "app-mine.js")
    release(other, "app-theirs.js")
    publications: list[publish.Published] = []

    def publish_other(_: list[str]) -> None:
        # My files are copied, and my record is not written yet.
        if not publications:
            publications.append(publish.publish(s3, "site", built=other))

    publish.publish(s3, "site", built=built, invalidate=publish_other)
    assert s3.get_object(Bucket="site", Key="index.html")["Body"].read() == b"<!doctype html>app-mine.js"
    record = json.loads(s3.get_object(Bucket="site", Key=publish.RECORD)["Body"].read())
    assert set(record["files"]) == {path.relative_to(built).as_posix() for path in built.rglob("*.*")}
    assert "assets/app-theirs.js" in record["out_of_use_since"]
    assert publish.publish(s3, "site", built=built).copied == ()


def test_publications_without_end_are_given_up(s3: Any, built: Path) -> None:
    moments = count()

    def interfere(_: list[str]) -> None:
        record = json.dumps({"out_of_use_since": {"x": next(moments)}})
        s3.put_object(Bucket="site", Key=publish.RECORD, Body=record.encode())

    with pytest.raises(ToolError, match="others keep publishing"):
        publish.publish(s3, "site", built=built, invalidate=interfere)


def test_what_somebody_has_deleted_is_copied_again(s3: Any, built: Path) -> None:
    publish.publish(s3, "site", built=built)
    s3.delete_object(Bucket="site", Key="favicon.svg")
    assert publish.publish(s3, "site", built=built).copied == ("favicon.svg",)


@pytest.mark.parametrize("record", [b"{", b"[]"])
def test_a_record_that_is_not_whole_costs_a_copy_and_no_file(s3: Any, built: Path, record: bytes) -> None:
    publish.publish(s3, "site", built=built)
    s3.put_object(Bucket="site", Key="assets/older.js", Body=b"")
    s3.put_object(Bucket="site", Key=publish.RECORD, Body=record)
    done = publish.publish(s3, "site", built=built, clock=lambda: 7)
    assert (len(done.copied), done.removed) == (4, ())
    written = json.loads(s3.get_object(Bucket="site", Key=publish.RECORD)["Body"].read())
    assert written["out_of_use_since"] == {"assets/older.js": 7}


def test_a_bucket_that_cannot_be_read_is_an_error(s3: Any, built: Path) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        publish.publish(s3, "another", built=built)


def test_types_and_lifetimes_are_what_a_browser_needs(s3: Any, built: Path) -> None:
    publish.publish(s3, "site", built=built)
    page = s3.head_object(Bucket="site", Key="index.html")
    script = s3.head_object(Bucket="site", Key="assets/app-1a2b.js")
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "no-cache")
    assert script["ContentType"] == "text/javascript"
    assert "immutable" in script["CacheControl"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [("a.woff2", "font/woff2"), ("a.png", "image/png"), ("a.unheard-of", "application/octet-stream")],
)
def test_content_types(key: str, expected: str) -> None:
    assert publish.content_type(key) == expected


def test_a_page_that_was_not_built_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="make setup"):
        publish.publish(None, "site", built=tmp_path / "nowhere")


@pytest.fixture
def cloudfront() -> Any:
    return boto3.client(
        "cloudfront", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


@mock_aws
def test_cloudfront_is_asked_for_one_invalidation_of_all_paths(cloudfront: Any) -> None:
    distribution = create_distribution(cloudfront)
    publish.invalidate_distribution(cloudfront, distribution, ["/", "/index.html"])
    (batch,) = list_batches(cloudfront, distribution)
    assert batch["Paths"] == {"Quantity": 2, "Items": ["/", "/index.html"]}


def test_a_cloudfront_that_is_busy_with_others_is_asked_again(cloudfront: Any) -> None:
    pauses: list[float] = []
    with Stubber(cloudfront) as stub:
        for _ in range(2):
            stub.add_client_error("create_invalidation", "TooManyInvalidationsInProgress")
        stub.add_response("create_invalidation", {})
        publish.invalidate_distribution(cloudfront, "D", ["/api/*"], pause=pauses.append)
        stub.assert_no_pending_responses()
    assert pauses == [publish.BUSY_SECONDS] * 2


@pytest.mark.parametrize(
    ("code", "tries"), [("TooManyInvalidationsInProgress", publish.BUSY_ATTEMPTS), ("AccessDenied", 1)]
)
def test_what_cloudfront_refuses_in_the_end_is_an_error(cloudfront: Any, code: str, tries: int) -> None:
    with Stubber(cloudfront) as stub:
        for _ in range(tries):
            stub.add_client_error("create_invalidation", code)
        with pytest.raises(ClientError, match=code):
            publish.invalidate_distribution(cloudfront, "D", ["/api/*"], pause=lambda _: None)
        stub.assert_no_pending_responses()
