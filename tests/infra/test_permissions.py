"""Who may do what to which bucket: all of it, so that nothing is added unseen."""

import importlib.util
import re
from pathlib import Path

import grimp
import pytest

from stockroom.images.storage import Storage
from tests.infra.template import Template, as_list

GET, PUT, DELETE, LIST = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"
FUNCTIONS = ("upload_url", "search", "resize", "reaper", "audit", "migrate")

ALLOWED = {
    ("upload_url", "Uploads"): {"/originals/*": {GET, PUT, DELETE}, "": {LIST}},
    ("upload_url", "Images"): {"/i/*": {DELETE}},
    ("upload_url", "Keys"): {"/*": {GET}, "": {LIST}},
    ("search", "Keys"): {"/*": {GET}, "": {LIST}},
    ("resize", "Uploads"): {"/originals/*": {GET, DELETE}, "": {LIST}},
    ("resize", "Images"): {"/i/*": {PUT, DELETE}},
    ("reaper", "Uploads"): {"/originals/*": {GET, PUT, DELETE}, "": {LIST}},
    ("reaper", "Images"): {"/i/*": {DELETE}},
    ("audit", "Uploads"): {"/originals/*": {GET, DELETE}, "": {LIST}},
    ("audit", "Images"): {"/i/*": {DELETE}, "": {LIST}},
}


NEEDED = {
    "presigned_put": {("Uploads", PUT)},
    "head_original": {("Uploads", GET), ("Uploads", LIST)},
    "open_original": {("Uploads", GET), ("Uploads", LIST)},
    "touch_original": {("Uploads", GET), ("Uploads", PUT)},
    "list_originals": {("Uploads", LIST)},
    "delete_original": {("Uploads", DELETE)},
    "write_rendition": {("Images", PUT)},
    "has_rendition": {("Images", LIST)},
    "list_renditions": {("Images", LIST)},
    "delete_rendition": {("Images", DELETE)},
    "delete_renditions": {("Images", DELETE)},
    "read_key_object": {("Keys", GET), ("Keys", LIST)},
    "write_key_object": {("Keys", PUT)},
}
"""What each method of `Storage` needs: GET for a HEAD, too, and LIST for the 404 of what is absent."""


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("functions", "stockroom", cache_dir=None)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_nothing_that_its_code_never_does(
    imports: grimp.ImportGraph, function: str
) -> None:
    handler = f"functions.{function}.app"
    modules = {handler} | imports.find_upstream_modules(handler)
    if "stockroom.api.auth" not in modules:
        modules.discard("stockroom.resources")  # which hands the reader of keys to those who sign people in
    sources = [
        Path(spec.origin).read_text()
        for spec in map(importlib.util.find_spec, modules - {"stockroom.images.storage"})
        if spec is not None and spec.origin is not None
    ]
    called = set(re.findall(r"\bstorage[.](\w+)", "\n".join(sources))) & set(NEEDED)
    used = set().union(*(NEEDED[method] for method in called))
    granted = {
        (bucket, action)
        for (name, bucket), objects in ALLOWED.items()
        if name == function
        for action in set().union(*objects.values())
    }
    assert granted <= used


def test_every_method_of_storage_is_known() -> None:
    methods = {name for name in vars(Storage) if not name.startswith("_")}
    assert methods == set(NEEDED)


@pytest.mark.parametrize("bucket", ["Uploads", "Images", "Site", "Keys"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_to_a_bucket_exactly_this(template: Template, function: str, bucket: str) -> None:
    assert template.allowed(function, f"Buckets{bucket}") == ALLOWED.get((function, bucket), {})


def test_the_reaper_may_list_uploads_so_that_absent_is_404_and_not_403(template: Template) -> None:
    assert LIST in template.allowed("reaper", "BucketsUploads")[""]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_may_do_everything_or_anything_to_everything(template: Template, function: str) -> None:
    for statement in template.statements(function):
        for action in as_list(statement["Action"]):
            assert "*" not in action
        assert "*" not in as_list(statement["Resource"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_signs_in_to_its_own_account_only(aurora: Template, function: str) -> None:
    """But for the audit, which asks an operator's questions by the account that can only read."""
    account = aurora.environment(function)["STOCKROOM_DB_USER"]
    granted = [
        statement["Resource"]
        for statement in aurora.statements(function)
        if "rds-db:connect" in as_list(statement["Action"])
    ]
    others = ["/stockroom_reader"] if function == "audit" else []
    assert [resource["Fn::Join"][1][-1] for resource in granted] == [f"/{account}", *others]


def test_no_version_of_migrate_relies_on_the_password_that_it_was_deployed_with(aurora: Template) -> None:
    assert aurora.environment("migrate")["STOCKROOM_DB_USER"] == "stockroom_migrator"


def test_search_cannot_write(aurora: Template) -> None:
    assert aurora.environment("search")["STOCKROOM_DB_USER"] == "stockroom_reader"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_migrate_knows_the_administrator(template: Template, function: str) -> None:
    known = [name for name in template.environment(function) if "ADMIN" in name]
    assert bool(known) == (function == "migrate")


def test_the_administrators_password_is_a_reference_and_not_a_value(aurora: Template) -> None:
    parts = aurora.environment("migrate")["STOCKROOM_DB_ADMIN_PASSWORD"]["Fn::Join"][1]
    assert parts[0] == "{{resolve:secretsmanager:"
