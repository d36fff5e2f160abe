"""Who may do what to which bucket: all of it, so that nothing is added unseen."""

import pytest

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
    ("reaper", "Images"): {"/i/*": {GET, DELETE}, "": {LIST}},
    ("audit", "Uploads"): {"/originals/*": {GET, DELETE}, "": {LIST}},
    ("audit", "Images"): {"/i/*": {DELETE}, "": {LIST}},
}


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
    account = aurora.environment(function).get("STOCKROOM_DB_USER")
    assert (account is None) == (function == "migrate")
    granted = [
        statement["Resource"]
        for statement in aurora.statements(function)
        if "rds-db:connect" in as_list(statement["Action"])
    ]
    assert [resource["Fn::Join"][1][-1] for resource in granted] == ([f"/{account}"] if account else [])


def test_search_cannot_write(aurora: Template) -> None:
    assert aurora.environment("search")["STOCKROOM_DB_USER"] == "stockroom_reader"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_migrate_knows_the_administrator(template: Template, function: str) -> None:
    known = [name for name in template.environment(function) if "ADMIN" in name]
    assert bool(known) == (function == "migrate")


def test_the_administrators_password_is_a_reference_and_not_a_value(aurora: Template) -> None:
    parts = aurora.environment("migrate")["STOCKROOM_DB_ADMIN_PASSWORD"]["Fn::Join"][1]
    assert parts[0] == "{{resolve:secretsmanager:"
