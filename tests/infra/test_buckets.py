"""The buckets: private, unversioned unless that is chosen, and open to no page but the site."""

from typing import Any

import pytest

from tests.infra.template import Template

BUCKETS = ("Uploads", "Images", "Site", "Keys")


def _bucket(template: Template, name: str) -> dict[str, Any]:
    return template.one("AWS::S3::Bucket", f"Buckets{name}")[1]


def test_these_are_all_the_buckets(template: Template) -> None:
    assert len(template.of_type("AWS::S3::Bucket")) == len(BUCKETS)


@pytest.mark.parametrize("name", BUCKETS)
def test_nothing_is_public(template: Template, name: str) -> None:
    blocked = _bucket(template, name)["PublicAccessBlockConfiguration"]
    assert blocked == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_no_bucket_policy_allows_everybody(template: Template) -> None:
    for policy in template.of_type("AWS::S3::BucketPolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
                assert "AWS:SourceArn" in statement["Condition"]["StringEquals"]


@pytest.mark.parametrize("name", BUCKETS)
def test_versions_are_off_so_that_deleted_is_deleted(template: Template, name: str) -> None:
    assert "VersioningConfiguration" not in _bucket(template, name)


def test_originals_alone_can_have_versions(chosen: Template) -> None:
    versioned = [name for name in BUCKETS if "VersioningConfiguration" in _bucket(chosen, name)]
    assert versioned == ["Uploads"]
    assert _bucket(chosen, "Uploads")["VersioningConfiguration"] == {"Status": "Enabled"}


def test_versions_end_also_after_the_choice_is_taken_back(chosen: Template, aurora: Template) -> None:
    rules = [_bucket(each, "Uploads")["LifecycleConfiguration"]["Rules"][0] for each in (chosen, aurora)]
    assert rules == [
        {
            "ExpiredObjectDeleteMarker": True,
            "NoncurrentVersionExpiration": {"NoncurrentDays": days},
            "Status": "Enabled",
        }
        for days in (30, 1)
    ]


def test_what_jobs_record_ends_after_three_months(template: Template) -> None:
    rules = _bucket(template, "Uploads")["LifecycleConfiguration"]["Rules"]
    (rule,) = [rule for rule in rules if rule.get("Prefix") == "jobs/"]
    assert (rule["ExpirationInDays"], rule["Status"]) == (90, "Enabled")


def test_cors_is_exactly_what_tickets_and_links_to_originals_need(template: Template) -> None:
    rules = _bucket(template, "Uploads")["CorsConfiguration"]["CorsRules"]
    assert len(rules) == 1
    assert rules[0]["AllowedMethods"] == ["PUT", "GET"]
    assert rules[0]["AllowedHeaders"] == ["content-type", "if-none-match", "x-amz-checksum-sha256"]
    assert rules[0]["ExposedHeaders"] == ["ETag"]
    assert "*" not in str(rules[0])


def test_cors_origin_on_aws_is_the_distribution(aurora: Template) -> None:
    (rule,) = _bucket(aurora, "Uploads")["CorsConfiguration"]["CorsRules"]
    distribution, _ = aurora.one("AWS::CloudFront::Distribution")
    assert rule["AllowedOrigins"] == [
        {"Fn::Join": ["", ["https://", {"Fn::GetAtt": [distribution, "DomainName"]}]]}
    ]


def test_cors_origins_of_the_local_stage_are_the_two_names_of_its_port(local: Template) -> None:
    (rule,) = _bucket(local, "Uploads")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["http://localhost:8123", "http://127.0.0.1:8123"]


@pytest.mark.parametrize("name", [name for name in BUCKETS if name != "Uploads"])
def test_no_other_bucket_answers_pages(template: Template, name: str) -> None:
    assert "CorsConfiguration" not in _bucket(template, name)


def test_half_sent_uploads_are_dropped(template: Template) -> None:
    rules = _bucket(template, "Uploads")["LifecycleConfiguration"]["Rules"]
    assert {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}, "Status": "Enabled"} in rules


@pytest.mark.parametrize("stage", ["aurora", "chosen", "local"])
def test_copies_of_originals_go_after_a_day_also_where_originals_have_versions(
    request: pytest.FixtureRequest, stage: str
) -> None:
    rules = _bucket(request.getfixturevalue(stage), "Uploads")["LifecycleConfiguration"]["Rules"]
    assert {
        "Prefix": "downloads/",
        "ExpirationInDays": 1,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "Status": "Enabled",
    } in rules


def _refuses_plain_http(template: Template) -> int:
    statements = [
        statement
        for policy in template.of_type("AWS::S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    return sum(
        statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in statements
    )


def test_plain_http_is_refused_on_aws_and_all_there_is_locally(aurora: Template, local: Template) -> None:
    assert _refuses_plain_http(aurora) == len(BUCKETS)
    assert _refuses_plain_http(local) == 0
