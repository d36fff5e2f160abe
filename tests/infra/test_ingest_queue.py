"""From a landed original to `resize`: what is announced, to whom, how often, and what becomes of failures."""

from typing import Any

import pytest

from stockroom.renditions.sandbox.decoder import ANSWER_SECONDS, CPU_SECONDS, START_SECONDS
from tests.infra.policies import allows
from tests.infra.template import Template, names

# The processes that a new account has in all: Lambda's quota of 1,000 is reduced until the account is used.
NEW_ACCOUNT_PROCESSES = 10


def _queues(template: Template) -> tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]:
    return (
        template.one("AWS::SQS::Queue", "IngestQueue"),
        template.one("AWS::SQS::Queue", "IngestDeadLetters"),
    )


def test_five_failures_set_a_message_aside(template: Template) -> None:
    (_, queue), (dead, _) = _queues(template)
    assert queue["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead, "Arn"]},
        "maxReceiveCount": 5,
    }


def test_dead_letters_are_kept_longer_than_messages_wait(template: Template) -> None:
    (_, queue), (_, dead) = _queues(template)
    assert dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]


def test_two_attempts_at_a_file_end_within_the_functions_time(template: Template) -> None:
    """Otherwise a file that hangs every decoder would never be judged. The database comes first."""
    assert ANSWER_SECONDS > CPU_SECONDS
    connect, _, _ = template.patience("resize")
    assert template.function("resize")["Timeout"] > connect + START_SECONDS + 2 * ANSWER_SECONDS


def test_a_picture_that_gave_up_waiting_for_a_paused_database_finds_it_awake(aurora: Template) -> None:
    """Otherwise each try of a message would meet a database that has paused again since the one before."""
    _, cluster = aurora.one("AWS::RDS::DBCluster")
    (_, queue), _ = _queues(aurora)
    pause = cluster["ServerlessV2ScalingConfiguration"]["SecondsUntilAutoPause"]
    assert pause > queue["VisibilityTimeout"]


def test_a_message_is_hidden_for_six_times_the_functions_time(template: Template) -> None:
    (_, queue), _ = _queues(template)
    assert queue["VisibilityTimeout"] == 6 * template.function("resize")["Timeout"]


def test_one_picture_an_invocation_and_a_bound_on_how_many(template: Template) -> None:
    (name, _), _ = _queues(template)
    _, source = template.one("AWS::Lambda::EventSourceMapping", "Resize")
    assert source["EventSourceArn"] == {"Fn::GetAtt": [name, "Arn"]}
    assert source["BatchSize"] == 1
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert "ReservedConcurrentExecutions" not in template.function("resize")


def test_pictures_leave_half_of_a_new_accounts_processes_to_everything_else(aurora: Template) -> None:
    # Lambda takes a message off the queue before it finds that no process is free, and such a message counts
    # as received: with more than the account has, messages would end as dead letters.
    _, source = aurora.one("AWS::Lambda::EventSourceMapping", "Resize")
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= NEW_ACCOUNT_PROCESSES // 2


def test_how_many_pictures_at_once_is_a_choice(chosen: Template) -> None:
    _, source = chosen.one("AWS::Lambda::EventSourceMapping", "Resize")
    assert source["ScalingConfig"]["MaximumConcurrency"] == 30


def test_every_new_original_is_announced_a_copy_too(template: Template) -> None:
    (name, _), _ = _queues(template)
    _, uploads = template.one("AWS::S3::Bucket", "BucketsUploads")
    assert {**uploads["NotificationConfiguration"], "TopicConfigurations": []} == {
        "TopicConfigurations": [],
        "QueueConfigurations": [
            {
                "Event": "s3:ObjectCreated:*",
                "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "originals/"}]}},
                "Queue": {"Fn::GetAtt": [name, "Arn"]},
            }
        ],
    }


def test_only_uploads_announce_so_that_a_rendition_starts_nothing(template: Template) -> None:
    (uploads, _), (queue, _) = template.one("AWS::S3::Bucket", "BucketsUploads"), _queues(template)[0]
    announcing = [
        name
        for name, bucket in template.of_type("AWS::S3::Bucket").items()
        for each in bucket.get("NotificationConfiguration", {}).get("QueueConfigurations", [])
        if each["Queue"] == {"Fn::GetAtt": [queue, "Arn"]} or "ObjectCreated" in each["Event"]
    ]
    assert announcing == [uploads]


def test_only_s3_of_this_account_may_send(template: Template) -> None:
    _, policy = template.one("AWS::SQS::QueuePolicy", "IngestQueue")
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert len(allowed) == 1
    assert allowed[0]["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed[0]["Action"] == "sqs:SendMessage"
    assert allowed[0]["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize("over_tls", ["true", "false"])
def test_s3_may_announce_and_only_over_tls(aurora: Template, over_tls: str) -> None:
    _, policy = aurora.one("AWS::SQS::QueuePolicy", "IngestQueue")
    context = {"aws:SourceAccount": {"Ref": "AWS::AccountId"}, "aws:SecureTransport": over_tls}
    may_send = allows(
        policy["PolicyDocument"], service="s3.amazonaws.com", action="sqs:SendMessage", context=context
    )
    assert may_send == (over_tls == "true")


def test_the_bucket_waits_for_the_policy_that_lets_it_send(template: Template) -> None:
    bucket, _ = template.one("AWS::S3::Bucket", "BucketsUploads")
    policy, body = template.one("AWS::SQS::QueuePolicy", "IngestQueue")
    assert policy in template.body["Resources"][bucket]["DependsOn"]
    assert bucket not in names(body)


def test_resize_has_the_layer_and_memory_for_one_large_picture(template: Template) -> None:
    layer, _ = template.one("AWS::Lambda::LayerVersion")
    function = template.function("resize")
    assert function["Layers"] == [{"Ref": layer}]
    assert function["MemorySize"] >= 1500
