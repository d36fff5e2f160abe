"""What an operator may choose, and what is said about a wrong choice."""

import re
from pathlib import Path

import botocore.session
import pytest

from infra.stage_file import (
    ISSUER_KEYS,
    KEYS,
    OTHER_PARTITIONS,
    SETTINGS,
    STAGES,
    InvalidStageFile,
    Issuer,
    list_stages,
    read_stage,
)
from stockroom.runtime.settings import Settings
from tests.infra.conftest import write_stage
from tooling import ROOT

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"


def mistakes(folder: Path, **choices: object) -> list[str]:
    """What is said about a file, a line for each mistake."""
    write_stage(folder, "trial", **choices)
    with pytest.raises(InvalidStageFile) as caught:
        read_stage("trial", folder)
    first, *lines, last = str(caught.value).splitlines()
    assert first.endswith("trial.toml is wrong:")
    assert "docs/deploy.md" in last
    return [line.strip() for line in lines]


@pytest.mark.parametrize("name", list_stages())
def test_the_committed_stages_are_valid(name: str) -> None:
    assert read_stage(name).name == name


def test_the_examples_in_comments_are_valid(tmp_path: Path) -> None:
    text = (STAGES / "production.toml").read_text()
    lines = [re.sub(r"^# (?=\[|\w+ = )", "", line) for line in text.splitlines()]
    (tmp_path / "example.toml").write_text("\n".join(lines))
    stage = read_stage("example", tmp_path)
    assert {name for name in KEYS if getattr(stage, name) is None} == set()
    assert stage.issuers == (Issuer("https://id.example.org", "stockroom", ("read", "upload")),)
    assert len(stage.settings) == 3


def test_what_is_not_chosen_has_a_default(tmp_path: Path) -> None:
    write_stage(tmp_path, "trial")
    stage = read_stage("trial", tmp_path)
    assert (stage.database, stage.anonymous_rate, stage.resize_concurrency) == ("aurora", 100, 5)
    assert stage.environment == {"STOCKROOM_VISIBILITY": "public"}


def test_settings_become_the_variables_that_the_functions_read(tmp_path: Path) -> None:
    write_stage(tmp_path, "trial", settings={"max_files": 7, "formats": ["jpeg", "avif"], "audience": "a"})
    settings = Settings.from_environment(read_stage("trial", tmp_path).environment)
    assert (settings.max_files, settings.formats, settings.audience) == (7, ("jpeg", "avif"), "a")


def test_issuers_are_believed_beside_the_operator(tmp_path: Path) -> None:
    file = write_stage(tmp_path, "trial")
    file.write_text(file.read_text() + '[[issuers]]\nurl = "https://id.example"\nscopes = ["read"]\n')
    settings = Settings.from_environment(read_stage("trial", tmp_path).environment)
    assert settings.issuers == ("stockroom", "https://id.example")
    assert settings.grantable_scopes("https://id.example") == {"read"}
    assert "admin" in settings.grantable_scopes("stockroom")


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    assert mistakes(
        tmp_path, region="eu-centrl-1", visibility=True, databse="aurora", settings={"max_files": 501, "x": 1}
    ) == [
        f'region = "eu-centrl-1": must be {KEYS["region"].allowed}',
        'visibility = true: must be "public", or "private": then reading needs a token',
        "databse is unknown: did you mean database?",
        "settings.max_files: STOCKROOM_MAX_FILES=501: must be between 1 and 500",
        f"settings.x is unknown: the keys are {', '.join(SETTINGS)}",
    ]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"account": 111122223333}, "account = 111122223333: must be the twelve digits"),
        ({"account": "1111"}, 'account = "1111": must be the twelve digits'),
        ({"database": "postgres"}, 'database = "postgres": must be "aurora" or "instance"'),
        (
            {"restore_from": "my snapshot"},
            'restore_from = "my snapshot": must be the name of a snapshot',
        ),
        ({"domain": "photos.example.org"}, "certificate is missing: domain needs"),
        ({"certificate": CERTIFICATE}, "domain is missing"),
        (
            {"domain": "https://photos.example.org", "certificate": CERTIFICATE},
            "domain = .*must be a host name",
        ),
        (
            {"domain": "photos.example.org", "certificate": CERTIFICATE.replace("us-east-1", "eu-west-1")},
            "certificate = .*must be the ARN of a certificate in us-east-1",
        ),
        ({"alarm_email": "nobody"}, "alarm_email = .*must be an e-mail address"),
        ({"monthly_budget": 50}, "alarm_email is missing"),
        ({"monthly_budget": 0.5}, "monthly_budget = 0.5: must be a whole number"),
        ({"anonymous_rate": 0}, "anonymous_rate = 0: must be a whole number from 1"),
        ({"anonymous_rate": True}, "anonymous_rate = true: must be a whole number"),
        ({"resize_concurrency": 1}, "resize_concurrency = 1: must be a whole number from 2 to 36"),
        ({"resize_concurrency": 37}, "resize_concurrency = 37: must be a whole number from 2 to 36"),
        ({"search_concurrency": "many"}, 'search_concurrency = "many": must be a whole number'),
        ({"web_acl": "acl"}, 'web_acl = "acl": must be the ARN of a web ACL'),
        ({"availability_zones": ["eu-central-1a"]}, "availability_zones = .*must be a list of two zones"),
        ({"availability_zones": ["eu-central-1a"] * 2}, "availability_zones = .*must be a list of two zones"),
        (
            {"availability_zones": ["euw1-az1", "euw1-az2"]},
            "availability_zones = .*must be a list of two zones",
        ),
        (
            {"availability_zones": ["eu-central-1a", "eu-west-2a"]},
            "availability_zones: eu-west-2a is no zone of eu-central-1",
        ),
        ({"signing": "paper"}, 'signing = "paper": must be "kms" or "file"'),
        ({"settings": 1}, "settings = 1: must be a table"),
        ({"settings": {"max_files": 1.5}}, "settings.max_files = 1.5: must be a number, a text or a list"),
        ({"settings": {"formats": [1]}}, r"settings.formats = \[1\]: must be a number, a text or a list"),
        ({"settings": {"visibility": "public"}}, "visibility stands above the tables"),
        ({"settings": {"issuers": ["a"]}}, r"each issuer is a table \[\[issuers\]\]"),
        ({"route_rates": 1}, "route_rates = 1: must be a table"),
        (
            {"route_rates": {"POST /api/upload": 1}},
            'route_rates."POST /api/upload" is unknown: did you mean POST /api/uploads',
        ),
        (
            {"route_rates": {"POST /api/uploads": 0}},
            'route_rates."POST /api/uploads" = 0: must be a whole number from 1',
        ),
        ({"issuers": "https://id.example"}, "issuers = .*must be tables"),
        ({"issuers": [1]}, "issuers = .*must be tables"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(
    tmp_path: Path, choices: dict[str, object], message: str
) -> None:
    (said,) = mistakes(tmp_path, **choices)
    assert re.match(message, said), said


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "trial.toml").write_text("[[issuers]]\nscopes = []\n")
    with pytest.raises(InvalidStageFile) as caught:
        read_stage("trial", tmp_path)
    assert re.findall(r"^  (\S+ (?:is missing|= \S+)): must be", str(caught.value), re.MULTILINE) == [
        "region is missing",
        "visibility is missing",
        "issuers[1].url is missing",
        "issuers[1].scopes = []",
    ]


def test_two_issuers_that_would_share_a_key_set_are_refused(tmp_path: Path) -> None:
    file = write_stage(tmp_path, "trial")
    tables = "".join(f'[[issuers]]\nurl = "https://id.example/{path}"\n' for path in ("a", "-a"))
    file.write_text(file.read_text() + tables)
    with pytest.raises(
        InvalidStageFile, match="issuers: STOCKROOM_ISSUERS: two issuers share one key object"
    ):
        read_stage("trial", tmp_path)


@pytest.mark.parametrize("name", ["local", "Production", "", "../production", "a" * 21, "1a"])
def test_a_name_that_cannot_be_a_stage(name: str) -> None:
    with pytest.raises(
        InvalidStageFile, match=r"cannot be a stage on AWS.*Stages with a file: production, staging"
    ):
        read_stage(name)


def test_a_stage_without_a_file_says_which_have_one() -> None:
    with pytest.raises(InvalidStageFile, match=r"no file stages/prod.toml.*production, staging"):
        read_stage("prod")


def test_what_is_no_toml_says_where(tmp_path: Path) -> None:
    (tmp_path / "trial.toml").write_text("region = eu-central-1\n")
    with pytest.raises(InvalidStageFile, match=r"trial.toml is no TOML: .*line 1"):
        read_stage("trial", tmp_path)


def test_every_key_has_its_line_in_the_documentation() -> None:
    page = (ROOT / "docs/deploy.md").read_text()
    section = page.partition("## The stage's file")[2].partition("\n## ")[0]
    top, _, issuers = section.partition("### Issuers")
    assert re.findall(r"^\| `(\w+)` \|", top, re.MULTILINE) == list(KEYS)
    assert re.findall(r"^\| `(\w+)` \|", issuers, re.MULTILINE) == list(ISSUER_KEYS)


def test_the_example_shows_every_key() -> None:
    text = (STAGES / "production.toml").read_text()
    top, _, issuers = text.partition("# [[issuers]]")
    shown = re.findall(r"^(?:# )?(\w+) = ", top.partition("[settings]")[0], re.MULTILINE)
    assert set(shown) == set(KEYS)
    assert re.findall(r"^# (\w+) = ", issuers, re.MULTILINE) == list(ISSUER_KEYS)


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("us-gov-west-1", "AWS has no CloudFront in that partition"),
        ("eusc-de-east-1", "AWS has no CloudFront in that partition"),
        ("cn-north-1", "CloudFormation in China has no origin access control"),
    ],
)
def test_a_region_in_which_no_stage_can_be_is_refused_with_the_reason(
    tmp_path: Path, region: str, reason: str
) -> None:
    (told,) = mistakes(tmp_path, region=region)
    assert told.startswith(f'region = "{region}": no stage can be there, because {reason}')


def test_the_reason_is_known_of_every_region_outside_of_the_commercial_partition() -> None:
    session = botocore.session.get_session()
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("sts", partition_name=partition):
            reasons = [each for start, each in OTHER_PARTITIONS.items() if region.startswith(start)]
            assert len(reasons) == (partition != "aws"), region
            is_there = bool(
                session.get_available_regions("cloudfront", partition_name=partition, allow_non_regional=True)
            )
            assert is_there == (partition in ("aws", "aws-cn"))


def test_what_a_stage_is_made_of_exists_in_every_region_that_it_can_choose() -> None:
    session = botocore.session.get_session()
    for service in ("rds", "lambda", "apigatewayv2", "scheduler", "sqs", "sns", "cloudwatch", "logs"):
        for region in session.get_available_regions("rds"):
            assert region in session.get_available_regions(service), service
