"""What AWS would decide about the requests that matter, by the policies of a deployment."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from subprocess import Popen

import pytest

from infra.declared_routes import APPS
from stockroom.runtime.accounts import ACCOUNTS, MIGRATOR, READER
from stockroom.runtime.settings import key_set_name
from tests.infra.conftest import ISSUERS
from tests.infra.deployment import ACCOUNT, REGION, Deployment
from tests.infra.grants import DELETE, GET, IN_THE_NETWORK, LIST, PUT, allowed_to
from tests.infra.simulation import ANONYMOUS, ANOTHER_ACCOUNT, OUTSIDE, Policies, Request, run_simulator

OBJECTS = {
    "Uploads": (
        "originals/0123456789abc",
        "downloads/0123456789abc",
        "due/2026-05-01T12-00",
        "elsewhere/0123456789abc",
        "originals",
    ),
    "Images": ("i/0123456789abc-key/v1/240p.jpg", "elsewhere/240p.jpg", "i"),
    "Site": ("index.html", "i/0123456789abc-key/v1/240p.jpg", "originals/0123456789abc"),
    "Keys": ("jwks/stockroom.json", "denied.json", *(key_set_name(each["url"]) for each in ISSUERS)),
}
"""Keys to try in each bucket: those that Stockroom has there, and others."""
OBJECT_ACTIONS = (
    GET,
    PUT,
    DELETE,
    "s3:GetObjectAcl",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:AbortMultipartUpload",
    "s3:GetObjectVersion",
    "s3:DeleteObjectVersion",
    "s3:RestoreObject",
)
BUCKET_ACTIONS = (
    LIST,
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketNotification",
    "s3:PutBucketCORS",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutBucketVersioning",
    "s3:DeleteBucket",
)
FUNCTIONS = (*IN_THE_NETWORK, *OUTSIDE)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Popen[str]]:
    with run_simulator() as process:
        yield process


@pytest.fixture(scope="module")
def policies(deployed_chosen: Deployment, simulator: Popen[str]) -> Policies:
    return Policies(deployed_chosen, simulator)


def may(function: str, bucket: str, key: str, action: str) -> bool:
    """Whether the table of permissions has it."""
    if function == "fetch_keys":
        return (bucket, action) == ("Keys", PUT) and key in OBJECTS["Keys"][2:]
    patterns = allowed_to(function).get(bucket, {})
    return any(
        fnmatchcase(f"/{key}" if key else "", pattern) and action in actions
        for pattern, actions in patterns.items()
    )


def ask_storage(policies: Policies, who: str) -> dict[Request, tuple[str, str, str]]:
    """Every request to our buckets that is tried, and what each is about: bucket, key and action."""
    return {
        Request(who, action, policies.bucket(bucket, key)): (bucket, key, action)
        for bucket, keys in OBJECTS.items()
        for key in ("", *keys)
        for action in (OBJECT_ACTIONS if key else BUCKET_ACTIONS)
    }


def unexpected(policies: Policies, expected: dict[Request, bool]) -> list[tuple[Request, str]]:
    """The requests that AWS would not decide as expected, which is by whether they are allowed."""
    decisions = policies.decide(expected)
    return [
        (request, decision)
        for request, decision in decisions.items()
        if (decision == "Allowed") != expected[request]
    ]


def test_a_function_may_do_to_storage_what_it_does_and_nothing_else(policies: Policies) -> None:
    expected = {
        request: may(function, *about)
        for function in FUNCTIONS
        for request, about in ask_storage(policies, function).items()
    }
    assert unexpected(policies, expected) == []
    # Of what the table has, every part was tried.
    tried = {(request.who, request.action) for request, is_allowed in expected.items() if is_allowed}
    assert tried == {
        (function, action)
        for function in FUNCTIONS
        for patterns in allowed_to(function).values()
        for actions in patterns.values()
        for action in actions
    }


def test_these_are_never_allowed(policies: Policies) -> None:
    """The same as above, in words: what a function would have to be able to do for a crime."""
    original, copy = (policies.bucket("Uploads", key) for key in OBJECTS["Uploads"][:2])
    rendition = policies.bucket("Images", OBJECTS["Images"][0])
    denied = policies.bucket("Keys", "denied.json")
    key_set = policies.bucket("Keys", "jwks/stockroom.json")
    refused = [
        # Who renders strangers' files can neither replace an original nor sign anybody in.
        Request("resize", PUT, original),
        Request("resize", GET, denied),
        Request("resize", GET, rendition),
        Request("reaper", GET, rendition),
        Request("reaper", PUT, rendition),
        Request("audit", PUT, original),
        Request("audit", PUT, rendition),
        Request("search", GET, original),
        # Only the function that hands originals out knows their copies.
        *(Request(function, GET, copy) for function in IN_THE_NETWORK if function != "manage_images"),
        Request("search", GET, rendition),
        *(
            Request("search", action, each)
            for action in (PUT, DELETE)
            for each in (original, rendition, denied)
        ),
        Request("manage_images", PUT, rendition),
        Request("manage_images", GET, rendition),
        Request("upload_url", PUT, rendition),
        Request("upload_url", GET, rendition),
        Request("migrate", GET, original),
        # Nobody makes keys, or gives people back what was withdrawn, and nobody changes the page.
        *(
            Request(function, action, each)
            for function in IN_THE_NETWORK
            for action in (PUT, DELETE)
            for each in (denied, key_set, policies.bucket("Site", "index.html"))
        ),
    ]
    assert unexpected(policies, dict.fromkeys(refused, False)) == []


def test_the_fetcher_of_keys_writes_those_of_the_providers_alone(policies: Policies) -> None:
    foreign = ("denied.json", "jwks/stockroom.json", "jwks/https-id.example-b.json", "jwks")
    refused = [Request("fetch_keys", PUT, policies.bucket("Keys", key)) for key in foreign]
    assert unexpected(policies, dict.fromkeys(refused, False)) == []


def test_nothing_is_done_over_plain_http(policies: Policies) -> None:
    """Not even what is allowed: a statement of the bucket forbids it."""
    asked = [
        Request(function, action, request.resource, over_tls=False)
        for function in FUNCTIONS
        for request, (bucket, key, action) in ask_storage(policies, function).items()
        if may(function, bucket, key, action)
    ]
    assert len(asked) > 20
    assert set(policies.decide(asked).values()) == {"ExplicitlyDenied"}


ELSEWHERE = (
    ("iam:PassRole", "arn:aws:iam::{account}:role/any"),
    ("iam:PutRolePolicy", "arn:aws:iam::{account}:role/any"),
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/any"),
    ("kms:Decrypt", "arn:aws:kms:{region}:{account}:key/any"),
    ("kms:Sign", "arn:aws:kms:{region}:{account}:key/any"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:any-abcdef"),
    ("ssm:GetParameter", "arn:aws:ssm:{region}:{account}:parameter/any"),
    ("lambda:InvokeFunction", "arn:aws:lambda:{region}:{account}:function:any"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:{region}:{account}:function:any"),
    ("lambda:UpdateFunctionConfiguration", "arn:aws:lambda:{region}:{account}:function:any"),
    ("rds:ModifyDBCluster", "arn:aws:rds:{region}:{account}:cluster:any"),
    ("rds:DeleteDBInstance", "arn:aws:rds:{region}:{account}:db:any"),
    ("cloudfront:CreateInvalidation", "arn:aws:cloudfront::{account}:distribution/ANY"),
    ("cloudfront:UpdateDistribution", "arn:aws:cloudfront::{account}:distribution/ANY"),
    ("cloudformation:DeleteStack", "arn:aws:cloudformation:{region}:{account}:stack/any/id"),
    ("events:PutRule", "arn:aws:events:{region}:{account}:rule/any"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:{region}:{account}:table/any"),
    ("logs:DeleteLogGroup", "arn:aws:logs:{region}:{account}:log-group:any"),
    ("logs:GetLogEvents", "arn:aws:logs:{region}:{account}:log-group:any:log-stream:any"),
    ("ec2:AuthorizeSecurityGroupEgress", "arn:aws:ec2:{region}:{account}:security-group/sg-1"),
)
"""Actions of other services, on anything of the account's own."""


def test_no_function_may_do_anything_elsewhere(policies: Policies) -> None:
    asked = [
        Request(function, action, resource.format(account=ACCOUNT, region=REGION))
        for function in FUNCTIONS
        for action, resource in ELSEWHERE
    ]
    asked += [
        Request(function, action, resource)
        for function in FUNCTIONS
        for action, resource in (
            ("sqs:SendMessage", policies.queue("IngestQueue")),
            ("sqs:PurgeQueue", policies.queue("IngestQueue")),
            ("sqs:ReceiveMessage", policies.queue("IngestDeadLetters")),
            ("sqs:SendMessage", policies.queue("InvalidationQueue")),
            ("sqs:PurgeQueue", policies.queue("InvalidationQueue")),
            ("sqs:ReceiveMessage", policies.queue("InvalidationDeadLetters")),
            ("sns:Publish", policies.topic()),
            ("sns:Publish", policies.topic("DueTimes")),
        )
    ]
    assert unexpected(policies, dict.fromkeys(asked, False)) == []


def test_one_function_has_the_reaper_called_by_schedules_of_the_stage_and_by_nothing_else(
    deployed_chosen: Deployment, policies: Policies
) -> None:
    caller = f"arn:aws:iam::{ACCOUNT}:role/{deployed_chosen.id_of('AWS::IAM::Role', 'DueTimesCaller')}"
    group = deployed_chosen.id_of("AWS::Scheduler::ScheduleGroup")
    own = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{group}/reap-2026-05-01T12-00"
    foreign = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/any"
    expected = {
        Request(function, action, schedule): (
            (function, action, schedule) == ("plan_reaper", "scheduler:CreateSchedule", own)
        )
        for function in FUNCTIONS
        for action in ("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule")
        for schedule in (own, foreign)
    }
    # The schedule calls the reaper as a role that can do nothing else.
    expected |= {
        Request(function, "iam:PassRole", role, (("iam:PassedToService", service),)): (
            (function, role, service) == ("plan_reaper", caller, "scheduler.amazonaws.com")
        )
        for function in FUNCTIONS
        for role in (caller, policies.role("reaper"))
        for service in ("scheduler.amazonaws.com", "lambda.amazonaws.com")
    }
    assert unexpected(policies, expected) == []
    (document,) = (
        policy["PolicyDocument"]
        for name, policy in deployed_chosen.template.of_type("AWS::IAM::Policy").items()
        if name.startswith("DueTimesCaller")
    )
    reaper, _ = deployed_chosen.template.one("AWS::Lambda::Function", "FunctionsReaper")
    assert document["Statement"] == [
        {
            "Action": "lambda:InvokeFunction",
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [reaper, "Arn"]},
        }
    ]
    trusted = {
        Request(who, "sts:AssumeRole", caller, (("aws:SourceAccount", account),)): (
            (who, account) == ("scheduler.amazonaws.com", ACCOUNT)
        )
        for who in ("scheduler.amazonaws.com", "lambda.amazonaws.com")
        for account in (ACCOUNT, ANOTHER_ACCOUNT)
    }
    assert unexpected(policies, trusted) == []


def test_due_times_are_published_by_storage_of_this_account_and_handled_by_one_function(
    policies: Policies,
) -> None:
    topic = policies.topic("DueTimes")
    expected = {
        Request("s3.amazonaws.com", action, topic, (("aws:SourceAccount", account),), over_tls): (
            (action, account, over_tls) == ("sns:Publish", ACCOUNT, True)
        )
        for action in ("sns:Publish", "sns:Subscribe")
        for account in (ACCOUNT, ANOTHER_ACCOUNT)
        for over_tls in (True, False)
    }
    expected |= {
        Request(
            "sns.amazonaws.com",
            "lambda:InvokeFunction",
            policies.function(function),
            (("aws:SourceArn", arn),),
        ): (function, arn) == ("plan_reaper", topic)
        for function in FUNCTIONS
        for arn in (topic, policies.topic())
    }
    assert unexpected(policies, expected) == []


def test_one_function_tells_the_cdn_what_was_deleted_and_can_do_nothing_else_to_it(
    deployed_chosen: Deployment, policies: Policies
) -> None:
    own = (
        f"arn:aws:cloudfront::{ACCOUNT}:distribution/{deployed_chosen.id_of('AWS::CloudFront::Distribution')}"
    )
    expected = {
        Request(function, action, distribution): (
            (function, action, distribution) == ("invalidate", "cloudfront:CreateInvalidation", own)
        )
        for function in FUNCTIONS
        for action in (
            "cloudfront:CreateInvalidation",
            "cloudfront:UpdateDistribution",
            "cloudfront:DeleteDistribution",
        )
        for distribution in (own, f"arn:aws:cloudfront::{ACCOUNT}:distribution/ANOTHER")
    }
    assert unexpected(policies, expected) == []


@pytest.mark.parametrize(("queue", "owner"), [("IngestQueue", "resize"), ("InvalidationQueue", "invalidate")])
def test_lambda_empties_a_queue_as_one_function_and_as_nobody_else(
    policies: Policies, queue: str, owner: str
) -> None:
    # What an event source needs: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    needed = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
    expected = {
        Request(function, action, policies.queue(queue), over_tls=over_tls): (function == owner and over_tls)
        for function in FUNCTIONS
        for action in needed
        for over_tls in (True, False)
    }
    assert unexpected(policies, expected) == []


def test_a_function_signs_in_to_its_own_account_of_its_own_server(
    deployed: Deployment, simulator: Popen[str]
) -> None:
    clusters = deployed.call("rds", "describe_db_clusters")["DBClusters"]
    instances = deployed.call("rds", "describe_db_instances")["DBInstances"]
    # Where there is a cluster, the instance is one of its servers.
    (server,) = [each["DbClusterResourceId"] for each in clusters] or [
        each["DbiResourceId"] for each in instances
    ]
    own = {name: {deployed.template.environment(name)["STOCKROOM_DB_USER"]} for name in IN_THE_NETWORK}
    # It answers the operator's questions, too (stockroom/ingest/questions.py).
    own["audit"].add(READER.name)
    accounts = ("admin", MIGRATOR.name, *(account.name for account in ACCOUNTS))
    database = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser"
    expected = {
        Request(function, "rds-db:connect", f"{database}:{place}/{account}"): (
            place == server and account in own[function]
        )
        for function in IN_THE_NETWORK
        for place in (server, "cluster-ANOTHER", "db-ANOTHER")
        for account in accounts
    }
    assert sum(expected.values()) == len(IN_THE_NETWORK) + 1
    assert unexpected(Policies(deployed, simulator), expected) == []


def test_the_network_leads_to_storage_of_this_account_alone(policies: Policies) -> None:
    """Even with credentials to which nothing is forbidden, as a stranger could bring some along."""
    foreign = "arn:aws:s3:::strangers-bucket/loot"
    expected = {
        Request(function, action, resource, owner=owner, has_every_right=True): owner == ACCOUNT
        for function in IN_THE_NETWORK
        for action in (GET, PUT)
        for resource, owner in (
            (policies.bucket("Uploads", "originals/0123456789abc"), ACCOUNT),
            (foreign, ANOTHER_ACCOUNT),
        )
    }
    assert unexpected(policies, expected) == []


def test_no_stranger_reaches_a_bucket_a_queue_or_the_topic(policies: Policies) -> None:
    who = (ANONYMOUS, f"arn:aws:iam::{ANOTHER_ACCOUNT}:user/mallory")
    asked = [request for each in who for request in ask_storage(policies, each)]
    asked += [
        Request(each, action, resource)
        for each in who
        for action, resource in (
            ("sqs:SendMessage", policies.queue("IngestQueue")),
            ("sqs:ReceiveMessage", policies.queue("IngestQueue")),
            ("sqs:SendMessage", policies.queue("IngestDeadLetters")),
            ("sqs:SendMessage", policies.queue("InvalidationQueue")),
            ("sns:Publish", policies.topic()),
            ("sns:Subscribe", policies.topic()),
            ("lambda:InvokeFunction", policies.function("search")),
        )
    ]
    assert unexpected(policies, dict.fromkeys(asked, False)) == []


def test_the_cdn_reads_the_page_and_the_renditions_for_its_own_distribution(
    deployed_chosen: Deployment, policies: Policies
) -> None:
    own = (
        f"arn:aws:cloudfront::{ACCOUNT}:distribution/{deployed_chosen.id_of('AWS::CloudFront::Distribution')}"
    )
    foreign = f"arn:aws:cloudfront::{ANOTHER_ACCOUNT}:distribution/ANOTHER"
    # An absent file or rendition is 404: for that the CDN may list.
    allowed = {(bucket, action) for bucket in ("Images", "Site") for action in (GET, LIST)}
    expected = {
        Request(
            "cloudfront.amazonaws.com",
            action,
            policies.bucket(bucket, key),
            (("aws:SourceArn", distribution),),
            over_tls,
        ): (bucket, action) in allowed and distribution == own and over_tls
        for bucket, keys in OBJECTS.items()
        for key in ("", *keys)
        for action in (OBJECT_ACTIONS if key else BUCKET_ACTIONS)
        for distribution in (own, foreign)
        for over_tls in (True, False)
    }
    assert unexpected(policies, expected) == []


@pytest.mark.parametrize("owner", ["Ingest", "Invalidation"])
def test_storage_of_this_account_sends_its_events_to_the_queue(policies: Policies, owner: str) -> None:
    expected = {
        Request("s3.amazonaws.com", action, queue, (("aws:SourceAccount", account),), over_tls): (
            (action, queue, account, over_tls)
            == ("sqs:SendMessage", policies.queue(f"{owner}Queue"), ACCOUNT, True)
        )
        for action in ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:PurgeQueue")
        for queue in (policies.queue(f"{owner}Queue"), policies.queue(f"{owner}DeadLetters"))
        for account in (ACCOUNT, ANOTHER_ACCOUNT)
        for over_tls in (True, False)
    }
    assert unexpected(policies, expected) == []


def test_alarms_of_this_account_reach_the_topic(policies: Policies) -> None:
    expected = {
        Request(service, action, policies.topic(), (("aws:SourceAccount", account),), over_tls): (
            (service, action, account, over_tls) == ("cloudwatch.amazonaws.com", "sns:Publish", ACCOUNT, True)
        )
        for service in ("cloudwatch.amazonaws.com", "events.amazonaws.com")
        for action in ("sns:Publish", "sns:Subscribe")
        for account in (ACCOUNT, ANOTHER_ACCOUNT)
        for over_tls in (True, False)
    }
    assert unexpected(policies, expected) == []


def test_a_function_is_run_by_its_schedule_or_by_the_api_and_by_nothing_else(
    deployed_chosen: Deployment, policies: Policies
) -> None:
    own_rules = (("reaper", "Reap"), ("audit", "Audit"), ("fetch_keys", "IssuerKeys"))
    rules = {
        function: f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{deployed_chosen.id_of('AWS::Events::Rule', part)}"
        for function, part in (*own_rules, *((each, "KeepActive") for each in (*APPS, "resize")))
    }
    api, foreign_api = (
        f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{each}/$default/GET/api/x"
        for each in (deployed_chosen.id_of("AWS::ApiGatewayV2::Api"), "another")
    )
    sources = [("events.amazonaws.com", rule) for rule in {*rules.values(), f"{rules['reaper']}-another"}]
    sources += [("apigateway.amazonaws.com", each) for each in (api, foreign_api)]
    expected = {
        Request(
            service, "lambda:InvokeFunction", policies.function(function), (("aws:SourceArn", source),)
        ): (source == rules.get(function) or (source == api and function in APPS))
        for function in FUNCTIONS
        for service, source in sources
    }
    assert sum(expected.values()) == len(rules) + len(APPS)
    version = deployed_chosen.id_of("AWS::Lambda::Version", "Migrate")
    expected |= {
        Request(service, "lambda:InvokeFunction", version, (("aws:SourceArn", source),)): source
        == rules["resize"]
        for service, source in sources
    }
    assert unexpected(policies, expected) == []


def test_a_role_is_lambdas_alone(policies: Policies) -> None:
    expected = {
        Request(who, "sts:AssumeRole", policies.role(function)): who == "lambda.amazonaws.com"
        for function in FUNCTIONS
        for who in (
            "lambda.amazonaws.com",
            "ec2.amazonaws.com",
            f"arn:aws:iam::{ANOTHER_ACCOUNT}:user/mallory",
        )
    }
    assert unexpected(policies, expected) == []
