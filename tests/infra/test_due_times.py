"""From a due time that is told to a schedule that calls the reaper."""

import pytest

from tests.infra.template import Template, as_list


def test_due_times_are_published_to_a_topic_and_cost_nothing_while_there_are_none(template: Template) -> None:
    topic, _ = template.one("AWS::SNS::Topic", "DueTimes")
    _, uploads = template.one("AWS::S3::Bucket", "BucketsUploads")
    assert uploads["NotificationConfiguration"]["TopicConfigurations"] == [
        {
            "Event": "s3:ObjectCreated:*",
            "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "due/"}]}},
            "Topic": {"Ref": topic},
        }
    ]
    function, _ = template.one("AWS::Lambda::Function", "DueTimes")
    _, subscription = template.one("AWS::SNS::Subscription", "DueTimes")
    assert subscription["Protocol"] == "lambda"
    assert subscription["Endpoint"] == {"Fn::GetAtt": [function, "Arn"]}
    # Lambda asks a queue all the time, and each question is paid for.
    assert not [name for name in template.of_type("AWS::Lambda::EventSourceMapping") if "Due" in name]


def test_the_bucket_waits_until_it_may_publish(template: Template) -> None:
    policy, _ = template.one("AWS::SNS::TopicPolicy", "DueTimes")
    bucket, _ = template.one("AWS::S3::Bucket", "BucketsUploads")
    assert policy in as_list(template.body["Resources"][bucket]["DependsOn"])


def test_the_function_is_outside_the_network_and_knows_whom_to_call(aurora: Template) -> None:
    _, function = aurora.one("AWS::Lambda::Function", "DueTimes")
    assert "VpcConfig" not in function
    reaper, _ = aurora.one("AWS::Lambda::Function", "FunctionsReaper")
    group, _ = aurora.one("AWS::Scheduler::ScheduleGroup")
    role, _ = aurora.one("AWS::IAM::Role", "DueTimesCaller")
    assert function["Environment"]["Variables"] == {
        "STOCKROOM_SCHEDULE_GROUP": {"Ref": group},
        "STOCKROOM_REAPER_ARN": {"Fn::GetAtt": [reaper, "Arn"]},
        "STOCKROOM_REAPER_ROLE_ARN": {"Fn::GetAtt": [role, "Arn"]},
        "POWERTOOLS_SERVICE_NAME": "plan_reaper",
    }


def test_schedules_go_with_the_stack(aurora: Template) -> None:
    """Whoever deletes their group deletes them."""
    group, _ = aurora.one("AWS::Scheduler::ScheduleGroup")
    assert aurora.body["Resources"][group].get("DeletionPolicy", "Delete") == "Delete"


def test_the_objects_are_deleted_after_a_day(template: Template) -> None:
    _, uploads = template.one("AWS::S3::Bucket", "BucketsUploads")
    (rule,) = (each for each in uploads["LifecycleConfiguration"]["Rules"] if each.get("Prefix") == "due/")
    assert (rule["ExpirationInDays"], rule["NoncurrentVersionExpiration"]) == (1, {"NoncurrentDays": 1})


@pytest.mark.parametrize("stage", ["aurora", "instance"])
def test_a_time_that_no_try_has_planned_is_an_alarm(stage: str, request: pytest.FixtureRequest) -> None:
    template = request.getfixturevalue(stage)
    function, _ = template.one("AWS::Lambda::Function", "DueTimes")
    _, alarm = template.one("AWS::CloudWatch::Alarm", "AlarmsDueTimes")
    # One event fails at three times within some minutes, which may be in two periods of a count of errors.
    assert (alarm["MetricName"], alarm["Namespace"]) == ("AsyncEventsDropped", "AWS/Lambda")
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1)
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
