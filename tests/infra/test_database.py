"""The database that each stage has, and the way to it."""

from typing import Any

import pytest

from stockroom.ingest import questions
from stockroom.runtime.accounts import ACCOUNTS, INGEST, READER, SPARE_CONNECTIONS, WRITER, Account
from stockroom.runtime.database import ADMIN_STATEMENT_SECONDS
from tests.infra.conftest import ZONES, synthesise
from tests.infra.template import Template, names, violations

SNAPSHOT = "stockroom-archive"
FUNCTIONS = ("upload_url", "search", "manage_images", "resize", "reaper", "audit", "migrate")


def test_aurora_pauses_when_idle_and_an_idle_connection_does_not_keep_it_awake(aurora: Template) -> None:
    _, cluster = aurora.one("AWS::RDS::DBCluster")
    assert cluster["EngineVersion"] == "8.4.mysql_aurora.8.4.8"
    scaling = cluster["ServerlessV2ScalingConfiguration"]
    assert scaling["MinCapacity"] == 0
    assert 300 <= scaling["SecondsUntilAutoPause"] <= 1800, "each wake-up is paid for so long"
    _, parameters = aurora.one("AWS::RDS::DBClusterParameterGroup")
    assert parameters["Family"] == "aurora-mysql8.4"
    assert parameters["Parameters"]["wait_timeout"] == "60"


# After a pause of more than a day, AWS says, resuming takes 30 s or longer, about as long as a reboot.
LONG_RESUME_SECONDS = 30


@pytest.mark.parametrize("name", ["resize", "reaper", "audit", "migrate"])
def test_what_is_not_behind_the_api_waits_until_the_database_has_woken_up(
    template: Template, name: str
) -> None:
    connect, retry, statement = template.patience(name)
    assert connect >= 2 * LONG_RESUME_SECONDS
    # A database that has just resumed may refuse some of many connections.
    assert retry == connect
    assert connect + statement < template.function(name)["Timeout"]


def test_a_migration_of_a_paused_database_ends_within_the_functions_time(template: Template) -> None:
    connect, _, _ = template.patience("migrate")
    assert connect + ADMIN_STATEMENT_SECONDS < template.function("migrate")["Timeout"]


def test_a_question_that_takes_too_long_is_ended_by_the_server(template: Template) -> None:
    _, _, statement = template.patience("audit")
    # Otherwise the function would give the connection up, and ask the same again.
    assert statement > questions.SECONDS


def test_an_instance_has_memory_to_spare_for_iam(instance: Template) -> None:
    _, server = instance.one("AWS::RDS::DBInstance")
    assert server["DBInstanceClass"] == "db.t4g.small"
    assert server["EngineVersion"].startswith("8.4.")


@pytest.mark.parametrize(
    ("stage", "kind"), [("aurora", "AWS::RDS::DBCluster"), ("instance", "AWS::RDS::DBInstance")]
)
def test_data_is_backed_up_and_encrypted(stage: str, kind: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    _, server = template.one(kind)
    assert server["BackupRetentionPeriod"] == 7
    assert server["StorageEncrypted"]
    assert server["EnableIAMDatabaseAuthentication"]


@pytest.fixture(scope="module")
def restored_aurora(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesise(tmp_path_factory.mktemp("restored"), restore_from=SNAPSHOT)


@pytest.fixture(scope="module")
def restored_instance(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesise(tmp_path_factory.mktemp("restored"), database="instance", restore_from=SNAPSHOT)


@pytest.mark.parametrize(
    ("restored", "kind", "identifier"),
    [
        ("restored_aurora", "AWS::RDS::DBCluster", "SnapshotIdentifier"),
        ("restored_instance", "AWS::RDS::DBInstance", "DBSnapshotIdentifier"),
    ],
)
def test_a_snapshot_becomes_the_database_with_a_password_of_its_own(
    restored: str, kind: str, identifier: str, request: pytest.FixtureRequest
) -> None:
    template: Template = request.getfixturevalue(restored)
    _, server = template.one(kind)
    assert server[identifier] == SNAPSHOT
    # These come with the snapshot, and RDS refuses another one.
    assert not {"MasterUsername", "DatabaseName", "DBName", "StorageEncrypted"} & set(server)
    secret, _ = template.one("AWS::SecretsManager::Secret", "Database")
    assert names(server["MasterUserPassword"]) == {secret}
    assert violations(template.folder) == set()


def test_a_restored_database_is_migrated(aurora: Template, restored_aurora: Template) -> None:
    # The trigger calls a version of the function, which knows the address of the server as it was then.
    calls = [each.one("Custom::Trigger")[1]["HandlerArn"]["Ref"] for each in (aurora, restored_aurora)]
    assert calls[0] != calls[1]


@pytest.mark.parametrize(
    ("stage", "kind", "on"),
    # RDS has the same parameter for both, with values of its own for each.
    [("aurora", "DBClusterParameterGroup", "ON"), ("instance", "DBParameterGroup", "1")],
)
def test_connections_are_encrypted_and_checked(
    stage: str, kind: str, on: str, request: pytest.FixtureRequest
) -> None:
    template: Template = request.getfixturevalue(stage)
    _, group = template.one(f"AWS::RDS::{kind}")
    assert group["Parameters"]["require_secure_transport"] == on
    for name in FUNCTIONS:
        environment = template.environment(name)
        assert environment["STOCKROOM_DB_CA"] == "/var/task/rds-ca.pem"
        assert environment["STOCKROOM_DB_PASSWORD"] == ""


@pytest.mark.parametrize("stage", ["aurora", "instance"])
def test_the_network_has_no_way_out_but_to_s3(stage: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    for kind in ("InternetGateway", "NatGateway", "EgressOnlyInternetGateway", "Route"):
        assert not template.of_type(f"AWS::EC2::{kind}")
    _, endpoint = template.one("AWS::EC2::VPCEndpoint")
    assert endpoint["VpcEndpointType"] == "Gateway"
    (statement,) = endpoint["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"s3:ResourceAccount": {"Ref": "AWS::AccountId"}}}
    for name in FUNCTIONS:
        assert names(template.function(name)["VpcConfig"]["SubnetIds"]) <= set(
            template.of_type("AWS::EC2::Subnet")
        )


def test_the_zones_are_the_first_two_or_those_of_the_stage(aurora: Template, chosen: Template) -> None:
    def list_zones(template: Template) -> list[Any]:
        return [subnet["AvailabilityZone"] for subnet in template.of_type("AWS::EC2::Subnet").values()]

    assert list_zones(aurora) == [{"Fn::Select": [number, {"Fn::GetAZs": ""}]} for number in (0, 1)]
    assert list_zones(chosen) == ZONES


@pytest.mark.parametrize("stage", ["aurora", "instance"])
def test_only_functions_reach_the_database(stage: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    functions, _ = template.one("AWS::EC2::SecurityGroup", "NetworkFunctions")
    database, closed = template.one("AWS::EC2::SecurityGroup", "NetworkDatabase")
    assert "SecurityGroupIngress" not in closed
    _, rule = template.one("AWS::EC2::SecurityGroupIngress")
    assert names(rule["GroupId"]) == {database}
    assert names(rule["SourceSecurityGroupId"]) == {functions}


def test_the_local_stage_uses_a_server_that_is_there(local: Template) -> None:
    assert not any("::RDS::" in each["Type"] for each in local.body["Resources"].values())
    for name in FUNCTIONS:
        environment = local.environment(name)
        assert environment["STOCKROOM_DB_HOST"] == "127.0.0.1"
        assert environment["STOCKROOM_DB_PORT"] == "3311"
        assert environment["STOCKROOM_DB_PASSWORD"] == "local-password"
        assert "VpcConfig" not in local.function(name)


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("search", READER),
        ("upload_url", WRITER),
        ("manage_images", WRITER),
        ("resize", INGEST),
        ("reaper", INGEST),
        ("audit", INGEST),
    ],
)
def test_searches_uploads_and_renditions_have_an_account_each(
    template: Template, name: str, account: Account
) -> None:
    assert account in ACCOUNTS
    assert template.environment(name)["STOCKROOM_DB_USER"] == account.name


# What AWS documents as the default of Aurora MySQL, by the maximum of ACU and not by the present capacity:
# docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
CONNECTIONS_BY_MAX_ACU = {1: 90, 4: 135, 8: 1000, 16: 2000, 32: 3000, 64: 4000, 128: 5000}


def test_no_burst_takes_all_connections(aurora: Template, instance: Template) -> None:
    _, cluster = aurora.one("AWS::RDS::DBCluster")
    most = CONNECTIONS_BY_MAX_ACU[cluster["ServerlessV2ScalingConfiguration"]["MaxCapacity"]]
    _, group = instance.one("AWS::RDS::DBParameterGroup")
    taken = sum(account.connections for account in ACCOUNTS)
    for connections in (most, int(group["Parameters"]["max_connections"])):
        assert taken + SPARE_CONNECTIONS <= connections


def test_as_many_pictures_are_rendered_at_once_as_have_connections(template: Template) -> None:
    _, source = template.one("AWS::Lambda::EventSourceMapping", "Resize")
    others = {"reaper", "audit"}
    assert source["ScalingConfig"]["MaximumConcurrency"] + len(others) <= INGEST.connections


def test_the_schema_comes_before_every_function_that_relies_on_it(template: Template) -> None:
    trigger, _ = template.one("Custom::Trigger")
    for name in ("UploadUrl", "Search", "ManageImages", "Resize", "Reaper"):
        function, _ = template.one("AWS::Lambda::Function", f"Functions{name}")
        assert trigger in template.body["Resources"][function]["DependsOn"]


@pytest.mark.parametrize(
    ("stage", "kind"), [("aurora", "AWS::RDS::DBInstance"), ("instance", "AWS::RDS::DBInstance")]
)
def test_the_schema_waits_for_the_database(stage: str, kind: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    trigger, _ = template.one("Custom::Trigger")
    assert template.one(kind)[0] in template.body["Resources"][trigger]["DependsOn"]
