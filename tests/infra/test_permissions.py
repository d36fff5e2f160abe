"""Who may do what to which bucket: all of it, so that nothing is added unseen."""

import pytest

from tests.infra.grants import ALLOWED, LIST
from tests.infra.grants import IN_THE_NETWORK as FUNCTIONS
from tests.infra.template import Template, as_list


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
        resource["Fn::Join"][1][-1]
        for statement in aurora.statements(function)
        if "rds-db:connect" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    others = ["/stockroom_reader"] if function == "audit" else []
    assert sorted(granted) == sorted([f"/{account}", *others])


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
