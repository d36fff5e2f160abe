"""What may differ between stages, and that nothing else does."""

from pathlib import Path

import pytest

from infra.stage_file import STACK
from stockroom.runtime.settings import OPERATOR_SETTINGS
from tests.infra.conftest import ISSUER_NAMES, synthesise
from tests.infra.template import Template

OUTPUTS = {
    "ApiId", "UploadsBucket", "ImagesBucket", "SiteBucket", "KeysBucket", "QueueUrl", "DeadLetterQueueUrl",
    "ResizeFunction", "ReaperFunction", "AuditFunction", "MigrateFunction",
    "DistributionDomain", "DistributionId", "SiteUrl", "DatabaseKind", "Visibility", "Issuers",
}  # fmt: skip
# The database, and what shows an operator how a stage is.
ONLY_ON_AWS = ("AWS::EC2::", "AWS::RDS::", "AWS::SecretsManager::", "AWS::CloudWatch::", "AWS::Logs::Query")
POLICIES = {"AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::IAM::Policy"}


def _resources(template: Template) -> set[tuple[str, str]]:
    return {
        (name, each["Type"])
        for name, each in template.body["Resources"].items()
        # Its name ends with a hash of the function, whose environment differs.
        if each["Type"] != "AWS::Lambda::Version"
    }


def test_stages_differ_by_the_database_by_what_is_observed_and_by_policies_that_refuse_plain_http(
    local: Template, aurora: Template
) -> None:
    assert not _resources(local) - _resources(aurora)
    for name, kind in _resources(aurora) - _resources(local):
        # Nobody tells nginx, in the CDN's place, of what was deleted: it looks by itself.
        is_expected = name.startswith("Invalidation") or kind.startswith(ONLY_ON_AWS) or kind in POLICIES
        # The local schedules are in the group that every account has.
        assert is_expected or kind == "AWS::Scheduler::ScheduleGroup"


def test_the_outputs_are_what_the_tools_look_for(template: Template) -> None:
    assert set(template.outputs()) == OUTPUTS


def test_the_site_of_the_local_stage_is_its_port(local: Template) -> None:
    assert local.outputs()["SiteUrl"] == "http://localhost:8123"
    assert local.environment("upload_url")["STOCKROOM_S3_ENDPOINT"] == "http://127.0.0.1:8123"


def test_tickets_on_aws_name_the_buckets_own_host(aurora: Template) -> None:
    assert aurora.environment("upload_url")["STOCKROOM_S3_ENDPOINT"] == ""


def test_a_domain_becomes_the_site(chosen: Template) -> None:
    assert chosen.outputs()["SiteUrl"] == "https://photos.example.org"
    _, uploads = chosen.one("AWS::S3::Bucket", "BucketsUploads")
    (rule,) = uploads["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://photos.example.org"]
    _, distribution = chosen.one("AWS::CloudFront::Distribution")
    assert distribution["DistributionConfig"]["Aliases"] == ["photos.example.org"]
    certificate = distribution["DistributionConfig"]["ViewerCertificate"]
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"stage": "local", "port": "8123", "db_port": "3311"}, "needs -c db_password"),
    ],
)
def test_a_wrong_context_says_what_is_wrong(tmp_path: Path, context: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        synthesise(tmp_path, **context)


def test_a_stage_must_be_named(tmp_path: Path) -> None:
    from app import build

    with pytest.raises(ValueError, match=r"-c stage=… is missing: one of local, production, staging"):
        build({}, tmp_path)


def test_no_context_decides_what_a_stage_on_aws_is(tmp_path: Path) -> None:
    from app import build

    with pytest.raises(ValueError, match=r"-c database=…: what a stage on AWS is, its file"):
        build({"stage": "production", "database": "instance"}, tmp_path)


def test_a_stage_is_a_stack_of_its_own_name(tmp_path: Path) -> None:
    import aws_cdk as cdk

    from app import build

    app = build({"stage": "staging", "aws:cdk:bundling-stacks": []}, tmp_path)
    stack = app.node.find_child(STACK)
    assert isinstance(stack, cdk.Stack)
    assert (stack.stack_name, stack.region) == ("Stockroom-staging", "eu-central-1")


def test_what_is_set_in_the_shell_does_not_reach_aws(chosen: Template) -> None:
    environment = chosen.environment("upload_url")
    assert environment["STOCKROOM_VISIBILITY"] == "private"
    assert environment["STOCKROOM_MAX_PENDING"] == "9"
    assert "STOCKROOM_MAX_FILES" not in environment


def test_the_next_deployment_can_read_what_this_one_chose(
    local: Template, instance: Template, chosen: Template
) -> None:
    assert [
        (each.outputs()["DatabaseKind"], each.outputs()["Visibility"]) for each in (local, instance, chosen)
    ] == [("external", "public"), ("instance", "public"), ("aurora", "private")]


def test_settings_of_the_environment_reach_every_local_function(local_by_shell: Template) -> None:
    for name in ("upload_url", "search", "manage_images", "resize", "reaper", "audit", "migrate"):
        environment = local_by_shell.environment(name)
        given = {each: environment[each] for each in OPERATOR_SETTINGS if each in environment}
        assert given == {"STOCKROOM_MAX_FILES": "7", "STOCKROOM_ISSUERS": ISSUER_NAMES}


def test_nothing_but_settings_is_passed_on() -> None:
    from infra.stage import select_operator_settings

    environment = dict.fromkeys(OPERATOR_SETTINGS, "x") | {"STOCKROOM_DB_PASSWORD": "x", "PATH": "x"}
    assert set(select_operator_settings(environment)) == set(OPERATOR_SETTINGS)


def test_a_paused_database_is_woken_once_a_day_at_most(
    local: Template, aurora: Template, instance: Template
) -> None:
    rates = {
        name: each.one("AWS::Events::Rule", "Reap")[1]["ScheduleExpression"]
        for name, each in {"local": local, "aurora": aurora, "instance": instance}.items()
    }
    assert rates == {
        "local": "rate(15 minutes)",
        "aurora": "rate(1 day)",
        "instance": "rate(15 minutes)",
    }


def test_the_local_stage_proves_its_cdn_by_the_value_it_was_given(local: Template) -> None:
    assert local.environment("search")["STOCKROOM_CDN_SECRET"] == "local-secret"
