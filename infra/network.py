"""A network without internet access: isolated subnets, and an S3 gateway endpoint, which costs nothing."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)


class Network(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, zones: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            # Without a choice, the first two of the region as this account numbers them.
            availability_zones=list(zones) or None,
            max_azs=None if zones else 2,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
            ],
        )
        # The endpoint is the only connection out of the subnets, and leads to the buckets of this account:
        # otherwise a decoder that a file has taken over could hand what it sees to a stranger's bucket. What
        # is left to such a decoder is to look names up, as functions need the names of S3 and the database.
        storage = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        storage.add_to_policy(
            iam.PolicyStatement(
                principals=[iam.StarPrincipal()],  # the one principal that such a policy can have
                actions=["s3:*"],
                resources=["*"],
                conditions={"StringEquals": {"s3:ResourceAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )
        self.functions = ec2.SecurityGroup(
            self, "Functions", vpc=self.vpc, description="Functions of Stockroom", allow_all_outbound=True
        )
        self.database = ec2.SecurityGroup(
            self, "Database", vpc=self.vpc, description="Database of Stockroom", allow_all_outbound=False
        )
        self.database.add_ingress_rule(self.functions, ec2.Port.tcp(3306), "MySQL from the functions")
