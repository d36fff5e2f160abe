from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local import site
from local.layout import Layout
from tooling.errors import ToolError


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "assets" / "app-1a2b.js").write_text("1")
    (folder / "assets" / "app-1a2b.css").write_text("a{}")
    return folder


def keys(s3: Any) -> set[str]:
    return {item["Key"] for item in s3.list_objects_v2(Bucket="site").get("Contents", [])}


def test_publishing_copies_what_changed_and_removes_what_went(layout: Layout, built: Path) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="site")
        assert site.publish(layout, s3, "site", built) == 3
        assert site.publish(layout, s3, "site", built) == 0
        (built / "assets" / "app-1a2b.js").rename(built / "assets" / "app-3c4d.js")
        (built / "index.html").write_text("<!doctype html><p>")
        assert site.publish(layout, s3, "site", built) == 2
        assert keys(s3) == {"index.html", "assets/app-3c4d.js", "assets/app-1a2b.css"}


def test_a_new_bucket_gets_everything(layout: Layout, built: Path) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        for bucket in ("old", "site"):
            s3.create_bucket(Bucket=bucket)
            assert site.publish(layout, s3, bucket, built) == 3


def test_types_and_lifetimes_are_what_a_browser_needs(layout: Layout, built: Path) -> None:
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="site")
        site.publish(layout, s3, "site", built)
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
    assert site.content_type(key) == expected


def test_a_page_that_was_not_built_is_an_error(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="make setup"):
        site.publish(layout, None, "site", tmp_path / "nowhere")
