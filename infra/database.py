"""MySQL: Aurora Serverless that pauses when idle, an instance, or a server outside the stack.

Every function has the address of the server in its environment, and an account. Only `migrate` has the
administrator's password, too, with which it makes its own account in the first deployment.

A server that is deleted or replaced leaves a snapshot, from which `restore_from` in a stage's file makes
another one. To keep the server instead would mean to keep its network, parameters and secret, too, and to pay
for all of it, and a later stack could not use it but by way of a snapshot.

The template does not protect the server from deletion, because CloudFormation cannot take back the creation
of a protected server: `operations.protection` protects it after a deployment that has succeeded.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds
from constructs import Construct

from infra.network import ISOLATED, Network
from infra.rds_authorities import RDS_AUTHORITIES
from infra.stage import Stage
from stockroom.runtime.accounts import MAX_CONNECTIONS, Account
from stockroom.runtime.database import SERVER_IDLE_SECONDS

NAME = "stockroom"
# Lambda unpacks a bundle into /var/task.
RDS_CA = f"/var/task/{RDS_AUTHORITIES.name}"
ADMIN = "admin"
AURORA_MYSQL = rds.AuroraMysqlEngineVersion.of("8.4.mysql_aurora.8.4.8", "8.4")
MYSQL = rds.MysqlEngineVersion.of("8.4.11", "8.4")
# Longer than a message of the ingest queue stays hidden (six times RESIZE_TIMEOUT, 12 minutes): a picture
# that gave up waiting for a paused database finds it awake at its next try. Each wake-up is paid for so long.
AUTO_PAUSE = cdk.Duration.minutes(15)
BACKUPS = cdk.Duration.days(7)
PARAMETERS = {
    # A frozen function cannot close its connection, and an open connection keeps Aurora awake: also one of an
    # operator's client, to which Aurora applies the smaller of wait_timeout and interactive_timeout.
    "wait_timeout": str(SERVER_IDLE_SECONDS),
}
# RDS takes other values for the same parameter of an instance than for that of a cluster.
AURORA_PARAMETERS = {**PARAMETERS, "require_secure_transport": "ON"}
# Aurora has as many connections by its maximum of 4 ACU, and AWS advises against a constant there. By default
# an instance has what its free memory allows, which AWS does not say in numbers: about 150.
INSTANCE_PARAMETERS = {
    **PARAMETERS,
    "require_secure_transport": "1",
    "max_connections": str(MAX_CONNECTIONS),
}


class Database(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.network: Network | None = None
        self.server: rds.DatabaseCluster | rds.DatabaseInstance | None = None
        if stage.external_database is not None:
            external = stage.external_database
            self.environment = _describe_server(
                external.host, external.port, password=external.password, ca=""
            )
            self.admin_environment = _describe_admin(external.admin_user, external.password)
            return
        self.network = Network(self, "Network", zones=stage.availability_zones)
        if stage.database == "aurora":
            self.server = self._add_aurora(self.network)
            endpoint = self.server.cluster_endpoint
        else:
            self.server = self._add_instance(self.network)
            endpoint = self.server.instance_endpoint
        if stage.snapshot is not None:
            _restore(self.server, stage.snapshot)
        secret = self.server.secret
        assert secret is not None  # noqa: S101  both servers generate one
        self.environment = _describe_server(
            endpoint.hostname, cdk.Token.as_string(endpoint.port), password="", ca=RDS_CA
        )
        self.admin_environment = _describe_admin(
            ADMIN, secret.secret_value_from_json("password").unsafe_unwrap()
        )
        if stage.snapshot is not None:
            # A published version of `migrate` keeps the address of its server. Another version, which
            # migrates the restored server, is published only where something of the function changes.
            self.admin_environment["RESTORED_FROM"] = stage.snapshot

    @property
    def capacity_metric(self) -> str:
        """The name of the server's metric that says how much of its capacity is used, in percent."""
        return "ACUUtilization" if isinstance(self.server, rds.DatabaseCluster) else "CPUUtilization"

    def grant_connect(self, function: lambda_.Function, account: Account) -> None:
        """Have a function sign in to an account, with a token that its own role signs."""
        function.add_environment("STOCKROOM_DB_USER", account.name)
        self.grant_sign_in(function, account)

    def grant_sign_in(self, grantee: iam.IGrantable, account: Account) -> None:
        """Let a function or a role sign in to an account, which may be another than its own."""
        if self.server is not None:
            self.server.grant_connect(grantee, account.name)

    def _add_aurora(self, network: Network) -> rds.DatabaseCluster:
        engine = rds.DatabaseClusterEngine.aurora_mysql(version=AURORA_MYSQL)
        return rds.DatabaseCluster(
            self,
            "Aurora",
            engine=engine,
            writer=rds.ClusterInstance.serverless_v2("Writer"),
            serverless_v2_min_capacity=0,
            serverless_v2_max_capacity=4,
            serverless_v2_auto_pause_duration=AUTO_PAUSE,
            credentials=rds.Credentials.from_generated_secret(ADMIN),
            default_database_name=NAME,
            parameter_group=rds.ParameterGroup(
                self, "Parameters", engine=engine, parameters=AURORA_PARAMETERS
            ),
            vpc=network.vpc,
            vpc_subnets=ISOLATED,
            security_groups=[network.database],
            iam_authentication=True,
            storage_encrypted=True,
            backup=rds.BackupProps(retention=BACKUPS),
            copy_tags_to_snapshot=True,
            removal_policy=cdk.RemovalPolicy.SNAPSHOT,
        )

    def _add_instance(self, network: Network) -> rds.DatabaseInstance:
        engine = rds.DatabaseInstanceEngine.mysql(version=MYSQL)
        return rds.DatabaseInstance(
            self,
            "Instance",
            engine=engine,
            # IAM authentication needs 300 to 1000 MiB of spare memory, which a micro does not have.
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
            allocated_storage=20,
            max_allocated_storage=200,
            storage_type=rds.StorageType.GP3,
            credentials=rds.Credentials.from_generated_secret(ADMIN),
            database_name=NAME,
            parameter_group=rds.ParameterGroup(
                self, "Parameters", engine=engine, parameters=INSTANCE_PARAMETERS
            ),
            vpc=network.vpc,
            vpc_subnets=ISOLATED,
            security_groups=[network.database],
            iam_authentication=True,
            storage_encrypted=True,
            backup_retention=BACKUPS,
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            removal_policy=cdk.RemovalPolicy.SNAPSHOT,
        )


def _restore(server: rds.DatabaseCluster | rds.DatabaseInstance, snapshot: str) -> None:
    """Have a server made from a snapshot, which has the administrator's name, schema and encryption."""
    resource = server.node.default_child
    assert isinstance(resource, (rds.CfnDBCluster, rds.CfnDBInstance))  # noqa: S101
    if isinstance(resource, rds.CfnDBCluster):
        resource.snapshot_identifier = snapshot
    else:
        resource.db_snapshot_identifier = snapshot
    for name in ("MasterUsername", "DatabaseName", "DBName", "StorageEncrypted"):
        resource.add_property_deletion_override(name)


def _describe_server(host: str, port: str, *, password: str, ca: str) -> dict[str, str]:
    return {
        "STOCKROOM_DB_HOST": host,
        "STOCKROOM_DB_PORT": port,
        "STOCKROOM_DB_NAME": NAME,
        "STOCKROOM_DB_PASSWORD": password,
        "STOCKROOM_DB_CA": ca,
    }


def _describe_admin(user: str, password: str) -> dict[str, str]:
    return {"STOCKROOM_DB_ADMIN_USER": user, "STOCKROOM_DB_ADMIN_PASSWORD": password}
