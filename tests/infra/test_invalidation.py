"""From a deleted rendition to the CDN: what is announced, how batches are gathered, and who may do what."""

import pytest

from tests.infra.template import Template, as_list


@pytest.fixture(params=["aurora", "instance", "chosen"])
def stage(request: pytest.FixtureRequest) -> Template:
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, Template)
    return chosen


def test_every_deletion_of_a_rendition_is_announced(stage: Template) -> None:
    queue, _ = stage.one("AWS::SQS::Queue", "InvalidationQueue")
    _, images = stage.one("AWS::S3::Bucket", "BucketsImages")
    assert images["NotificationConfiguration"] == {
        "QueueConfigurations": [
            {
                "Event": "s3:ObjectRemoved:*",
                "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "i/"}]}},
                "Queue": {"Fn::GetAtt": [queue, "Arn"]},
            }
        ]
    }


def test_deletions_of_half_a_minute_are_one_batch(stage: Template) -> None:
    _, source = stage.one("AWS::Lambda::EventSourceMapping", "Invalidat")
    assert source["MaximumBatchingWindowInSeconds"] == 30
    # Up to two kilobytes a message, and Lambda takes six megabytes.
    assert source["BatchSize"] * 2048 < 6 * 1024 * 1024
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_a_message_is_hidden_until_its_batch_was_gathered_and_tried(stage: Template) -> None:
    _, queue = stage.one("AWS::SQS::Queue", "InvalidationQueue")
    _, function = stage.one("AWS::Lambda::Function", "Invalidation")
    _, source = stage.one("AWS::Lambda::EventSourceMapping", "Invalidat")
    assert queue["VisibilityTimeout"] == 6 * function["Timeout"] + source["MaximumBatchingWindowInSeconds"]


def test_a_busy_cdn_is_asked_for_longer_than_an_invalidation_takes(stage: Template) -> None:
    _, queue = stage.one("AWS::SQS::Queue", "InvalidationQueue")
    dead, _ = stage.one("AWS::SQS::Queue", "InvalidationDeadLetters")
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [dead, "Arn"]}
    seconds = queue["VisibilityTimeout"] * queue["RedrivePolicy"]["maxReceiveCount"]
    assert 30 * 60 < seconds < queue["MessageRetentionPeriod"]


def test_the_function_is_outside_the_network_and_may_invalidate_the_distribution_alone(
    stage: Template,
) -> None:
    _, function = stage.one("AWS::Lambda::Function", "Invalidation")
    distribution, _ = stage.one("AWS::CloudFront::Distribution")
    assert "VpcConfig" not in function
    assert function["Environment"]["Variables"] == {
        "STOCKROOM_DISTRIBUTION_ID": {"Ref": distribution},
        "POWERTOOLS_SERVICE_NAME": "invalidate",
    }
    role = function["Role"]["Fn::GetAtt"][0]
    statements = [
        statement
        for policy in stage.of_type("AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    (invalidating,) = (each for each in statements if "cloudfront" in str(each["Action"]))
    assert as_list(invalidating["Action"]) == ["cloudfront:CreateInvalidation"]
    assert {"Ref": distribution} in invalidating["Resource"]["Fn::Join"][1]
    others = [each for each in statements if each is not invalidating]
    assert all(action.startswith("sqs:") for each in others for action in as_list(each["Action"]))


def test_a_deletion_that_the_cdn_is_not_told_of_is_an_alarm(stage: Template) -> None:
    dead, _ = stage.one("AWS::SQS::Queue", "InvalidationDeadLetters")
    _, alarm = stage.one("AWS::CloudWatch::Alarm", "AlarmsInvalidations")
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [dead, "QueueName"]}}]


def test_a_stage_may_go_without_and_so_does_the_local_one(plain: Template, local: Template) -> None:
    for template in (plain, local):
        assert not [name for name in template.body["Resources"] if "Invalidat" in name]
        _, images = template.one("AWS::S3::Bucket", "BucketsImages")
        assert "NotificationConfiguration" not in images
