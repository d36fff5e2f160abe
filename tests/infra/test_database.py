"""The database that each stage has, and the way to it."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from infra.database import READER, WRITER
from tests.infra.conftest import synthesise
from tests.infra.template import Template, names, violations
from tooling import ROOT

FUNCTIONS = ("upload_url", "search", "resize", "reaper", "audit", "migrate")


def test_aurora_pauses_when_idle_and_an_idle_connection_does_not_keep_it_awake(aurora: Template) -> None:
    _, cluster = aurora.one("AWS::RDS::DBCluster")
    assert cluster["EngineVersion"] == "8.4.mysql_aurora.8.4.8"
    scaling = cluster["ServerlessV2ScalingConfiguration"]
    assert scaling["MinCapacity"] == 0
    assert scaling["SecondsUntilAutoPause"] == 300
    _, parameters = aurora.one("AWS::RDS::DBClusterParameterGroup")
    assert parameters["Family"] == "aurora-mysql8.4"
    assert parameters["Parameters"]["wait_timeout"] == "60"


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


@pytest.mark.parametrize(
    ("database", "kind", "identifier"),
    [
        ("aurora", "AWS::RDS::DBCluster", "SnapshotIdentifier"),
        ("instance", "AWS::RDS::DBInstance", "DBSnapshotIdentifier"),
    ],
)
def test_a_snapshot_becomes_the_database_with_a_password_of_its_own(
    tmp_path: Path, database: str, kind: str, identifier: str
) -> None:
    template = synthesise(tmp_path, database=database, restore_from="stockroom-archive")
    _, server = template.one(kind)
    assert server[identifier] == "stockroom-archive"
    # These come with the snapshot, and RDS refuses another one.
    assert not {"MasterUsername", "DatabaseName", "DBName", "StorageEncrypted"} & set(server)
    secret, _ = template.one("AWS::SecretsManager::Secret", "Database")
    assert names(server["MasterUserPassword"]) == {secret}
    assert violations(tmp_path) == set()


def test_a_restored_database_is_migrated(tmp_path: Path, aurora: Template) -> None:
    # The trigger calls a version of the function, which knows the address of the server as it was then.
    restored = synthesise(tmp_path, restore_from="stockroom-archive")
    calls = [each.one("Custom::Trigger")[1]["HandlerArn"]["Ref"] for each in (aurora, restored)]
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


def test_the_accounts_are_those_that_migrate_makes() -> None:
    assert set(_migrate().USERS) == {READER, WRITER}
    assert _migrate().USERS[READER] == "SELECT"


def _migrate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("migrate_app", ROOT / "functions" / "migrate" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_schema_comes_before_every_function_that_relies_on_it(template: Template) -> None:
    trigger, _ = template.one("Custom::Trigger")
    for name in ("UploadUrl", "Search", "Resize", "Reaper"):
        function, _ = template.one("AWS::Lambda::Function", f"Functions{name}")
        assert trigger in template.body["Resources"][function]["DependsOn"]


@pytest.mark.parametrize(
    ("stage", "kind"), [("aurora", "AWS::RDS::DBInstance"), ("instance", "AWS::RDS::DBInstance")]
)
def test_the_schema_waits_for_the_database(stage: str, kind: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    trigger, _ = template.one("Custom::Trigger")
    assert template.one(kind)[0] in template.body["Resources"][trigger]["DependsOn"]
