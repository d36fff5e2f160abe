"""Batch jobs on EMR Serverless: nothing unless it is chosen, then an application that is free while idle."""

import re
from typing import Any

from tests.infra.template import Template, as_list, names
from tooling import ROOT

ASSETS = "cdk-hnb659fds-assets-${AWS::AccountId}-us-east-1"


def _application(template: Template) -> dict[str, Any]:
    return template.one("AWS::EMRServerless::Application")[1]


def _role(template: Template) -> tuple[str, dict[str, Any]]:
    return template.one("AWS::IAM::Role", "JobsRole")


def test_a_stage_that_has_not_chosen_jobs_has_nothing_of_them(
    local: Template, aurora: Template, instance: Template
) -> None:
    for template in (local, aurora, instance):
        assert template.of_type("AWS::EMRServerless::Application") == {}
        assert [name for name in template.body["Resources"] if name.startswith("Jobs")] == []
        assert [name for name in template.outputs() if name.startswith("Jobs")] == []


def test_the_application_is_free_while_no_job_runs(with_jobs: Template) -> None:
    application = _application(with_jobs)
    # What is initialised before a job is paid for without one.
    assert "InitialCapacity" not in application
    assert application["AutoStartConfiguration"] == {"Enabled": True}
    assert application["AutoStopConfiguration"] == {"Enabled": True, "IdleTimeoutMinutes": 5}


def test_all_jobs_together_take_no_more_than_was_chosen(with_jobs: Template) -> None:
    assert _application(with_jobs)["MaximumCapacity"] == {
        "Cpu": "64 vCPU",
        "Memory": "256 GB",
        "Disk": "640 GB",
    }


def test_jobs_run_on_the_processor_and_the_spark_that_they_are_packed_and_tested_for(
    with_jobs: Template,
) -> None:
    from infra.jobs import RELEASE, SPARK
    from infra.jobs_environment import EMR

    application = _application(with_jobs)
    assert (application["Type"], application["Architecture"]) == ("SPARK", "ARM64")
    assert application["ReleaseLabel"] == RELEASE
    assert all(tag.endswith("_aarch64") for tag in EMR.platform.tags)
    pinned = re.findall(r"^pyspark==(\S+)$", (ROOT / "jobs/requirements.in").read_text(), re.MULTILINE)
    assert pinned == [SPARK]


def test_workers_are_in_the_isolated_network_of_the_functions(with_jobs: Template) -> None:
    network = _application(with_jobs)["NetworkConfiguration"]
    function = with_jobs.function("resize")["VpcConfig"]
    assert network["SubnetIds"] == function["SubnetIds"]
    group, _ = with_jobs.one("AWS::EC2::SecurityGroup", "JobsWorkers")
    assert names(network["SecurityGroupIds"]) == {group}
    # Neither a way into the internet, nor an endpoint that costs something: S3's gateway alone.
    assert with_jobs.of_type("AWS::EC2::NatGateway") == {}
    assert [each["VpcEndpointType"] for each in with_jobs.of_type("AWS::EC2::VPCEndpoint").values()] == [
        "Gateway"
    ]


def test_workers_reach_the_database_and_nobody_reaches_workers(with_jobs: Template) -> None:
    group, workers = with_jobs.one("AWS::EC2::SecurityGroup", "JobsWorkers")
    assert "SecurityGroupIngress" not in workers
    rules = with_jobs.of_type("AWS::EC2::SecurityGroupIngress").values()
    assert [rule for rule in rules if group in names(rule["GroupId"])] == []
    (rule,) = (each for each in rules if group in names(each["SourceSecurityGroupId"]))
    assert (rule["FromPort"], rule["ToPort"]) == (3306, 3306)
    assert names(rule["GroupId"]) == {with_jobs.one("AWS::EC2::SecurityGroup", "NetworkDatabase")[0]}


def test_only_jobs_of_this_application_have_the_role(with_jobs: Template) -> None:
    _, role = _role(with_jobs)
    assert "ManagedPolicyArns" not in role
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    application, _ = with_jobs.one("AWS::EMRServerless::Application")
    assert statement["Principal"] == {"Service": "emr-serverless.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [application, "Arn"]}},
    }


def test_the_role_may_do_exactly_this(with_jobs: Template) -> None:
    logical, _ = _role(with_jobs)
    allowed: dict[str, set[str]] = {}
    for policy in with_jobs.of_type("AWS::IAM::Policy").values():
        for statement in policy["PolicyDocument"]["Statement"] if {"Ref": logical} in policy["Roles"] else ():
            assert statement["Effect"] == "Allow"
            for resource in as_list(statement["Resource"]):
                allowed.setdefault(_show(resource), set()).update(as_list(statement["Action"]))
    get, put, delete, look = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"
    assert allowed == {
        "BucketsUploads/originals/*": {get, delete},
        "BucketsUploads/jobs/*": {get, put},
        "BucketsUploads/jobs/facts/*": {delete},
        "BucketsUploads": {look},
        "BucketsImages/i/*": {get, put, delete},
        "BucketsImages": {look},
        # Whatever their hashes are: a job that has begun before a deployment still starts workers after it.
        f"arn:aws:s3:::{ASSETS}/*.tgz": {get},
        f"arn:aws:s3:::{ASSETS}/*.py": {get},
        "arn:aws:rds-db:us-east-1:AWS::AccountId:dbuser:DatabaseAurora/stockroom_jobs": {"rds-db:connect"},
    }
    # (Templates of tests are made without the bundle that is a .tgz.)
    for name in ("Environment", "Program"):
        assert with_jobs.outputs()[f"Jobs{name}"]["Fn::Sub"].startswith(f"s3://{ASSETS}/")


def _show(resource: Any) -> str:
    """An ARN in which resources stand by the beginnings of their logical ids."""
    if isinstance(resource, str):
        return resource
    if "Fn::Join" in resource:
        return "".join(_show(part) for part in resource["Fn::Join"][1])
    if "Fn::Sub" in resource:
        return str(resource["Fn::Sub"])
    if "Ref" in resource:
        return str(resource["Ref"])
    # CloudFormation's eight digits are no part of a name of ours.
    return re.sub(r"[0-9A-F]{8}$", "", str(resource["Fn::GetAtt"][0]))


def test_the_cdn_is_not_told_of_what_jobs_delete(with_jobs: Template, aurora: Template) -> None:
    logical, _ = _role(with_jobs)
    known = with_jobs.one("AWS::Lambda::Function", "InvalidationInvalidate")[1]["Environment"]["Variables"]
    assert known["STOCKROOM_JOBS_ROLE_ID"] == {"Fn::GetAtt": [logical, "RoleId"]}
    without = aurora.one("AWS::Lambda::Function", "InvalidationInvalidate")[1]["Environment"]["Variables"]
    assert "STOCKROOM_JOBS_ROLE_ID" not in without


def test_what_starts_a_job_finds_everything_in_the_outputs(with_jobs: Template) -> None:
    read = set(re.findall(r"""_outputs\[["'](\w+)["']\]""", (ROOT / "operations/emr.py").read_text()))
    assert "JobsApplication" in read
    assert with_jobs.outputs().keys() >= read
