"""A template for AWS, deployed: what refers to what, once CloudFormation has put it together.

CloudFormation is the emulator's, which makes everything but what `LEFT_OUT` names. That of moto would be
another one, but knows no bucket policy, queue policy, alarm, HTTP API or distribution, and makes a bucket
without what the bucket announces.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.declared_routes import APPS, list_routes
from stockroom.images.reaper_schedule import EXISTS, ReaperSchedule
from tests.infra.deployment import LEFT_OUT, REFUSED, REGION, Deployment, Refused
from tests.infra.grants import IN_THE_NETWORK

DUE = datetime(2100, 1, 1, tzinfo=UTC)


def function_of(deployed: Deployment, name: str) -> dict[str, Any]:
    part = f"Functions{name.title().replace('_', '')}"
    configuration = deployed.call(
        "lambda", "get_function_configuration", FunctionName=deployed.id_of("AWS::Lambda::Function", part)
    )
    assert isinstance(configuration, dict)
    return configuration


def queue_of(deployed: Deployment, part: str) -> tuple[str, dict[str, str]]:
    """A queue's URL and attributes."""
    url = deployed.id_of("AWS::SQS::Queue", part)
    return url, deployed.call("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])[
        "Attributes"
    ]


def test_everything_is_created_but_what_is_left_out_by_name(deployed: Deployment) -> None:
    expected = {
        name: resource["Type"]
        for name, resource in deployed.template.body["Resources"].items()
        if resource["Type"] not in LEFT_OUT
    }
    assert deployed.resources.keys() == expected.keys()
    assert "AWS::CloudFront::Distribution" in expected.values()


def test_nothing_is_left_out_that_the_emulator_has(deployed: Deployment) -> None:
    kinds = {resource["Type"] for resource in deployed.template.body["Resources"].values()}
    with pytest.raises(Refused, match="Unrecognized resource types") as refused:
        deployed.create_stack(deployed.template.body, "Whole")
    named = str(refused.value).rpartition("[")[2].rstrip("]").split(", ")
    assert set(named) == REFUSED.keys() & kinds


def read_keys(deployed: Deployment, queue: str, count: int) -> list[str]:
    """The keys of so many events of S3 in a queue, and of those that come with the last of them."""
    url, _ = queue_of(deployed, queue)
    keys: list[str] = []
    while len(keys) < count:
        answer = deployed.call(
            "sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20
        )
        for message in answer["Messages"]:
            told = json.loads(message["Body"])
            # S3 tries the queue when it is told of it.
            assert "Records" in told or told["Event"] == "s3:TestEvent"
            keys += [record["s3"]["object"]["key"] for record in told.get("Records", ())]
    return keys


def test_an_original_that_lands_is_announced_and_nothing_else_is(deployed: Deployment) -> None:
    bucket = deployed.id_of("AWS::S3::Bucket", "BucketsUploads")
    for key in ("elsewhere/1", "originals/1"):
        deployed.call("s3", "put_object", Bucket=bucket, Key=key, Body="content")
    assert read_keys(deployed, "IngestQueue", 1) == ["originals/1"]


def test_renditions_that_are_deleted_are_announced_and_nothing_else_is(deployed: Deployment) -> None:
    bucket = deployed.id_of("AWS::S3::Bucket", "BucketsImages")
    keys = ["elsewhere/1", "i/1/v1/240p.jpg", "i/1/v1/720p.jpg"]
    for key in keys:
        deployed.call("s3", "put_object", Bucket=bucket, Key=key, Body="content")
    deployed.call("s3", "delete_object", Bucket=bucket, Key=keys[0])
    # The functions delete all renditions of a picture by one request.
    deployed.call(
        "s3", "delete_objects", Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys[1:]]}
    )
    assert sorted(read_keys(deployed, "InvalidationQueue", 2)) == keys[1:]


def test_a_due_time_that_is_told_becomes_a_schedule_that_calls_the_reaper(deployed: Deployment) -> None:
    """But for the run of the function itself: this deployment has no bundles."""
    function = deployed.call(
        "lambda",
        "get_function_configuration",
        FunctionName=deployed.id_of("AWS::Lambda::Function", "DueTimesPlanReaper"),
    )
    topic = deployed.id_of("AWS::SNS::Topic", "DueTimes")
    bucket = deployed.id_of("AWS::S3::Bucket", "BucketsUploads")
    told = deployed.call("s3", "get_bucket_notification_configuration", Bucket=bucket)
    (announced,) = told["TopicConfigurations"]
    assert announced["TopicArn"] == topic
    assert announced["Filter"]["Key"]["FilterRules"] == [{"Name": "prefix", "Value": "due/"}]
    (subscribed,) = deployed.call("sns", "list_subscriptions_by_topic", TopicArn=topic)["Subscriptions"]
    assert (subscribed["Protocol"], subscribed["Endpoint"]) == ("lambda", function["FunctionArn"])
    variables = function["Environment"]["Variables"]
    group, reaper = variables["STOCKROOM_SCHEDULE_GROUP"], variables["STOCKROOM_REAPER_ARN"]
    assert reaper == function_of(deployed, "reaper")["FunctionArn"]
    schedule = ReaperSchedule(group, reaper, variables["STOCKROOM_REAPER_ROLE_ARN"])
    # Botocore checks the form, and the emulator that there is such a group.
    deployed.call("scheduler", "create_schedule", **schedule.describe(DUE, DUE))
    (made,) = deployed.call("scheduler", "list_schedules", GroupName=group)["Schedules"]
    assert made["Target"]["Arn"] == reaper
    with pytest.raises(Refused, match=EXISTS):
        deployed.call("scheduler", "create_schedule", **schedule.describe(DUE, DUE))


def test_five_failures_send_a_message_to_the_dead_letters(deployed: Deployment) -> None:
    _, queue = queue_of(deployed, "IngestQueue")
    _, dead = queue_of(deployed, "IngestDeadLetters")
    assert json.loads(queue["RedrivePolicy"]) == {
        "deadLetterTargetArn": dead["QueueArn"],
        "maxReceiveCount": 5,
    }


def test_two_functions_are_fed_by_a_queue_each(deployed: Deployment) -> None:
    mappings = deployed.call("lambda", "list_event_source_mappings")["EventSourceMappings"]
    fed = {
        deployed.id_of("AWS::Lambda::Function", part): queue_of(deployed, queue)[1]["QueueArn"]
        for part, queue in (
            ("FunctionsResize", "IngestQueue"),
            ("InvalidationInvalidate", "InvalidationQueue"),
        )
    }
    assert {each["FunctionArn"].rpartition(":")[2]: each["EventSourceArn"] for each in mappings} == fed


def test_the_function_that_tells_the_cdn_knows_the_distribution(deployed: Deployment) -> None:
    function = deployed.call(
        "lambda",
        "get_function_configuration",
        FunctionName=deployed.id_of("AWS::Lambda::Function", "InvalidationInvalidate"),
    )
    named = function["Environment"]["Variables"]["STOCKROOM_DISTRIBUTION_ID"]
    assert named == deployed.id_of("AWS::CloudFront::Distribution")


@pytest.mark.parametrize("name", ["reaper", "audit"])
def test_a_schedule_runs_its_function(deployed: Deployment, name: str) -> None:
    function = function_of(deployed, name)
    rules = deployed.call("events", "list_rule_names_by_target", TargetArn=function["FunctionArn"])[
        "RuleNames"
    ]
    (rule,) = rules
    described = deployed.call("events", "describe_rule", Name=rule)
    assert described["State"] == "ENABLED"
    assert described["ScheduleExpression"] in ("rate(1 day)", "rate(15 minutes)")
    policy = deployed.call("lambda", "get_policy", FunctionName=function["FunctionName"])["Policy"]
    (statement,) = json.loads(policy)["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": described["Arn"]}}


def test_every_alarm_tells_the_operators_and_measures_something_that_is_there(deployed: Deployment) -> None:
    topic = deployed.id_of("AWS::SNS::Topic", "Alarms")
    alarms = deployed.call("cloudwatch", "describe_alarms")["MetricAlarms"]
    assert len(alarms) == len(deployed.template.of_type("AWS::CloudWatch::Alarm"))
    there = {
        "FunctionName": {
            function["FunctionName"] for function in deployed.call("lambda", "list_functions")["Functions"]
        },
        "QueueName": {url.rpartition("/")[2] for url in deployed.call("sqs", "list_queues")["QueueUrls"]},
        "ApiId": {deployed.id_of("AWS::ApiGatewayV2::Api")},
        "service": {
            function_of(deployed, name)["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
            for name in IN_THE_NETWORK
        },
        "DBClusterIdentifier": {
            each["DBClusterIdentifier"] for each in deployed.call("rds", "describe_db_clusters")["DBClusters"]
        },
        "DBInstanceIdentifier": {
            each["DBInstanceIdentifier"]
            for each in deployed.call("rds", "describe_db_instances")["DBInstances"]
        },
    }
    for alarm in alarms:
        assert (alarm["ActionsEnabled"], alarm["AlarmActions"]) == (True, [topic]), alarm["AlarmName"]
        (dimension,) = alarm["Dimensions"]
        assert dimension["Value"] in there[dimension["Name"]], alarm["AlarmName"]


def test_alarms_are_mailed(deployed: Deployment) -> None:
    chosen = [
        each["Endpoint"]
        for name, each in deployed.template.of_type("AWS::SNS::Subscription").items()
        if "Alarms" in name
    ]
    subscribed = deployed.call(
        "sns", "list_subscriptions_by_topic", TopicArn=deployed.id_of("AWS::SNS::Topic", "Alarms")
    )["Subscriptions"]
    assert [each["Endpoint"] for each in subscribed] == chosen


@pytest.mark.parametrize("name", IN_THE_NETWORK)
def test_a_function_knows_its_buckets_and_its_database(deployed: Deployment, name: str) -> None:
    variables = function_of(deployed, name)["Environment"]["Variables"]
    for kind in ("uploads", "images", "keys"):
        bucket = variables[f"STOCKROOM_{kind.upper()}_BUCKET"]
        assert bucket == deployed.id_of("AWS::S3::Bucket", f"Buckets{kind.title()}")
        deployed.call("s3", "head_bucket", Bucket=bucket)
    clusters = [each["Endpoint"] for each in deployed.call("rds", "describe_db_clusters")["DBClusters"]]
    instances = [
        each["Endpoint"]["Address"] for each in deployed.call("rds", "describe_db_instances")["DBInstances"]
    ]
    # Where there is a cluster, the instance is one of its servers.
    (server,) = clusters or instances
    assert variables["STOCKROOM_DB_HOST"] == server


def test_storage_is_reached_from_every_subnet(deployed: Deployment) -> None:
    (endpoint,) = deployed.call("ec2", "describe_vpc_endpoints")["VpcEndpoints"]
    assert endpoint["ServiceName"] == f"com.amazonaws.{REGION}.s3"
    tables = deployed.call("ec2", "describe_route_tables", RouteTableIds=endpoint["RouteTableIds"])
    reached = {each["SubnetId"] for table in tables["RouteTables"] for each in table["Associations"]}
    assert reached == {deployed.resources[name] for name in deployed.template.of_type("AWS::EC2::Subnet")}


def test_each_route_leads_to_the_function_that_declares_it(deployed: Deployment) -> None:
    api = deployed.id_of("AWS::ApiGatewayV2::Api")
    uris = {
        f"integrations/{each['IntegrationId']}": each["IntegrationUri"]
        for each in deployed.call("apigatewayv2", "get_integrations", ApiId=api)["Items"]
    }
    routes = {
        each["RouteKey"]: uris[each["Target"]]
        for each in deployed.call("apigatewayv2", "get_routes", ApiId=api)["Items"]
    }
    assert routes.keys() == {key for route in list_routes() for key in route.keys}
    for name, app in APPS.items():
        for route in app.declared:
            for key in route.keys:
                assert routes[key] == function_of(deployed, name)["FunctionArn"]


def test_the_distribution_serves_the_page_the_renditions_and_the_api(deployed: Deployment) -> None:
    configuration = deployed.call(
        "cloudfront", "get_distribution_config", Id=deployed.id_of("AWS::CloudFront::Distribution")
    )["DistributionConfig"]
    origins = {each["Id"]: each for each in configuration["Origins"]["Items"]}
    behaviors = {each["PathPattern"]: each for each in configuration["CacheBehaviors"]["Items"]}
    site = deployed.id_of("AWS::S3::Bucket", "BucketsSite")
    images = deployed.id_of("AWS::S3::Bucket", "BucketsImages")
    api = deployed.id_of("AWS::ApiGatewayV2::Api")
    served = {"": configuration["DefaultCacheBehavior"], **behaviors}
    hosts = {path: origins[each["TargetOriginId"]]["DomainName"] for path, each in served.items()}
    assert hosts[""] == f"{site}.s3.{REGION}.amazonaws.com"
    assert hosts["/i/*"] == f"{images}.s3.{REGION}.amazonaws.com"
    assert {host for path, host in hosts.items() if path.startswith("/api/")} == {
        f"{api}.execute-api.{REGION}.amazonaws.com"
    }
    controls = {
        each["Id"]: (each["SigningBehavior"], each["OriginAccessControlOriginType"])
        for each in deployed.call("cloudfront", "list_origin_access_controls")["OriginAccessControlList"][
            "Items"
        ]
    }
    for origin in origins.values():
        if ".s3." in origin["DomainName"]:
            assert controls[origin["OriginAccessControlId"]] == ("always", "s3")


def test_the_page_may_upload_to_the_bucket_from_its_own_address_alone(deployed: Deployment) -> None:
    bucket = deployed.id_of("AWS::S3::Bucket", "BucketsUploads")
    (rule,) = deployed.call("s3", "get_bucket_cors", Bucket=bucket)["CORSRules"]
    outputs = deployed.call("cloudformation", "describe_stacks")["Stacks"][0]["Outputs"]
    (site,) = (each["OutputValue"] for each in outputs if each["OutputKey"] == "SiteUrl")
    assert rule["AllowedOrigins"] == [site]
