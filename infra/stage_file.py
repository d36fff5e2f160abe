"""A stage's file, `stages/<name>.toml`: everything that an operator chooses for one deployment.

The file is committed, so that a deployment does not depend on the shell in which it is started.
docs/deploy.md lists every key, and a test compares it with this module.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from infra.rds_authorities import RDS_AUTHORITIES
from stockroom.runtime.accounts import MAX_RESIZE_CONCURRENCY
from stockroom.runtime.settings import (
    OPERATOR_ISSUER,
    OPERATOR_SETTINGS,
    PREFIX,
    SCOPES,
    InvalidSetting,
    Settings,
)
from tooling import ROOT
from tooling.errors import ToolError

STAGES = ROOT / "stages"
LOCAL = "local"
"""The name of the stage on a laptop, which has no file: the local stack decides what it is."""
STACK = "Stockroom"
"""The id of the stack within the CDK app: one for all stages, so that their resources have the same ids."""

DatabaseKind = Literal["aurora", "instance"]
Visibility = Literal["public", "private"]
Signing = Literal["kms", "file"]


class InvalidStageFile(ToolError):
    """A stage's file that is missing or wrong; the message has every mistake, and what is allowed instead."""


@dataclass(frozen=True)
class Issuer:
    """Somebody else who signs tokens that the library believes: an OpenID Connect provider."""

    # The `iss` of its tokens.
    url: str
    # By this name the provider knows the page. None: nobody signs in at the page through this issuer.
    client_id: str | None = None
    # What a token of this issuer may allow.
    scopes: tuple[str, ...] = ("read", "upload")


@dataclass(frozen=True, kw_only=True)
class StageFile:
    """The choices of one stage, validated. None: the operator has not chosen."""

    name: str
    region: str
    visibility: Visibility
    # The only account that the stage may be deployed to.
    account: str | None = None
    database: DatabaseKind = "aurora"
    # The two zones of the database, the functions and the batch jobs. Empty: the first two of the region.
    availability_zones: tuple[str, ...] = ()
    # The snapshot that the database is made from, and that later deployments must name, too.
    restore_from: str | None = None
    # The site's own host name, and the ARN of its certificate in us-east-1: both or neither.
    domain: str | None = None
    certificate: str | None = None
    # The address that alarms are mailed to.
    alarm_email: str | None = None
    # Dollars a month.
    monthly_budget: int | None = None
    # Days for which an original that was deleted can be brought back. None: it is gone at once.
    deleted_originals_days: int | None = None
    # Whether renditions that are deleted leave the CDN within minutes; otherwise within a day.
    invalidate_deletions: bool = True
    # Whether the stage has a dashboard.
    dashboard: bool = True
    # Requests a second to one route that needs no token.
    anonymous_rate: int = 100
    # Pictures that are rendered at once. A new account often has ten processes in all. Lambda takes messages
    # off the queue for as many pictures as it may render at once, also where no process is free, and a
    # message that was taken five times is a dead letter.
    resize_concurrency: int = 5
    # Processes that search at once.
    search_concurrency: int | None = None
    # Processors that batch jobs take at once, at most. None: the stage has none of what they need.
    job_processors: int | None = None
    # The ARN of a web ACL in us-east-1.
    web_acl: str | None = None
    # Where the key lies that signs the operator's tokens.
    signing: Signing = "kms"
    issuers: tuple[Issuer, ...] = ()
    # The table [route_rates]: requests a second to single routes, such as "POST /api/uploads".
    route_rates: Mapping[str, int] = field(default_factory=dict)
    # The table [settings], as the functions read it.
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def stack_name(self) -> str:
        """The stack's name, by which stages live side by side in one account and region."""
        return name_stack(self.name)

    @property
    def environment(self) -> dict[str, str]:
        """The variables `STOCKROOM_*` that the operator's choices give to every function."""
        variables = {**self.settings, f"{PREFIX}VISIBILITY": self.visibility}
        if self.issuers:
            variables[f"{PREFIX}ISSUERS"] = ",".join([OPERATOR_ISSUER, *(each.url for each in self.issuers)])
            variables[f"{PREFIX}ISSUER_SCOPES"] = ",".join(
                f"{each.url}={' '.join(each.scopes)}" for each in self.issuers
            )
            if clients := [f"{each.url}={each.client_id}" for each in self.issuers if each.client_id]:
                variables[f"{PREFIX}ISSUER_CLIENTS"] = ",".join(clients)
        return variables


@dataclass(frozen=True)
class Key:
    """What one key of a file takes."""

    # What is allowed, to be read after "must be".
    allowed: str
    accepts: Callable[[Any], bool]
    is_required: bool = False


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _choice(*choices: str) -> Key:
    return Key(" or ".join(f'"{each}"' for each in choices), lambda value: value in choices)


def _count(low: int, high: int) -> Key:
    return Key(
        f"a whole number from {low} to {high}",
        # True is a number, too, in Python.
        lambda value: type(value) is int and low <= value <= high,
    )


_ZONE = _text(r"[a-z]{2}(-[a-z]+)+-\d[a-z]")
_SWITCH = Key("true or false", lambda value: isinstance(value, bool))


NO_CDN = "no stage can be there, because AWS has no CloudFront in that partition"
NO_ACCESS_CONTROL = (
    "no stage can be there, because CloudFormation in China has no origin access control for CloudFront, by "
    "which a stage keeps its buckets private"
)
OTHER_PARTITIONS = {
    "us-gov-": NO_CDN,
    "us-iso": NO_CDN,
    "eu-isoe-": NO_CDN,
    "eusc-": NO_CDN,
    "cn-": NO_ACCESS_CONTROL,
}
"""How regions outside of AWS's commercial partition begin, and what is said to who chooses one."""


def _list_regions() -> frozenset[str]:
    """The regions whose databases the functions can verify."""
    return frozenset(re.findall(r"^# (\S+) ", RDS_AUTHORITIES.read_text(), re.MULTILINE))


KEYS: Mapping[str, Key] = {
    "account": Key(
        'the twelve digits of an AWS account, in quotes, such as "111122223333"', _text(r"\d{12}")
    ),
    "region": Key(
        'an AWS region, such as "eu-central-1", whose databases\' authorities infra/rds-ca.pem has',
        lambda value: isinstance(value, str) and value in _list_regions(),
        is_required=True,
    ),
    "visibility": Key(
        '"public", or "private": then reading needs a token',
        lambda value: value in ("public", "private"),
        is_required=True,
    ),
    "database": _choice("aurora", "instance"),
    "availability_zones": Key(
        'a list of two zones, such as ["us-east-1b", "us-east-1c"]',
        lambda value: (
            isinstance(value, list) and len(value) == 2 and value[0] != value[1] and all(map(_ZONE, value))
        ),
    ),
    "restore_from": Key(
        "the name of a snapshot of a database, or its ARN",
        _text(
            r"[A-Za-z][A-Za-z0-9-]{0,254}|(rds|awsbackup):[A-Za-z0-9-]+|arn:aws[a-z-]*:rds:\S+snapshot:\S+"
        ),
    ),
    "domain": Key(
        'a host name in lower case, such as "photos.example.org"',
        _text(r"([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}"),
    ),
    "certificate": Key(
        "the ARN of a certificate in us-east-1, arn:aws:acm:us-east-1:…",
        _text(r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[\w-]+"),
    ),
    "alarm_email": Key("an e-mail address", _text(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    "monthly_budget": _count(1, 1_000_000),
    "deleted_originals_days": _count(1, 365),
    "invalidate_deletions": _SWITCH,
    "dashboard": _SWITCH,
    "anonymous_rate": _count(1, 10_000),
    # Lambda takes no lower maximum for a queue.
    "resize_concurrency": _count(2, MAX_RESIZE_CONCURRENCY),
    "search_concurrency": _count(1, 10_000),
    # A driver and one executor (infra/jobs.py).
    "job_processors": _count(6, 4_000),
    "web_acl": Key(
        "the ARN of a web ACL of CloudFront, arn:aws:wafv2:us-east-1:…:global/webacl/…",
        _text(r"arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global/webacl/\S+"),
    ),
    "signing": _choice("kms", "file"),
}
"""The keys at the top of a file, beside the tables `[settings]`, `[route_rates]` and `[[issuers]]`."""

ROUTE_RATE = _count(1, 10_000)
"""The value of each key of `[route_rates]`."""

ISSUER_KEYS: Mapping[str, Key] = {
    "url": Key(
        'the address that the issuer writes into its tokens, such as "https://id.example.org"',
        _text(r"https://[^\s,=*]+"),
        is_required=True,
    ),
    "client_id": Key(
        "the name by which the issuer knows the page, a text without commas and '='", _text(r"[^\s,=]+")
    ),
    "scopes": Key(
        f"a list of some of {', '.join(sorted(SCOPES))}",
        lambda value: isinstance(value, list) and bool(value) and all(each in SCOPES for each in value),
    ),
}
"""The keys of each `[[issuers]]`."""

SETTINGS: Mapping[str, str] = {
    name.removeprefix(PREFIX).lower(): name
    for name in OPERATOR_SETTINGS
    # These have keys of their own.
    if name
    not in (f"{PREFIX}VISIBILITY", f"{PREFIX}ISSUERS", f"{PREFIX}ISSUER_SCOPES", f"{PREFIX}ISSUER_CLIENTS")
}
"""The keys of `[settings]`, and the variable that each becomes."""

ELSEWHERE = {
    "visibility": "visibility stands above the tables, not in [settings]",
    "issuers": "each issuer is a table [[issuers]]",
    "issuer_clients": "the client_id of an issuer stands in its table [[issuers]]",
    "issuer_scopes": "the scopes of an issuer stand in its table [[issuers]]",
}


def name_stack(stage: str) -> str:
    """The name of a stage's stack."""
    return STACK if stage == LOCAL else f"{STACK}-{stage}"


def list_stages(folder: Path = STAGES) -> list[str]:
    """The names of all stages that have a file."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def read_stage(name: str, folder: Path = STAGES) -> StageFile:
    """The choices of a stage. Raises InvalidStageFile with every mistake at once."""
    path = folder / f"{name}.toml"
    _check_name(name, folder)
    try:
        content = tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidStageFile(f"{_show(path)} is no TOML: {error}") from None
    mistakes = [*_find_mistakes(content)]
    if not mistakes:
        stage = _make_stage(name, content)
        mistakes = [*_find_conflicts(stage)]
    if mistakes:
        lines = "\n".join(f"  {mistake}" for mistake in mistakes)
        raise InvalidStageFile(
            f"{_show(path)} is wrong:\n{lines}\nCorrect the file; docs/deploy.md says what each key means."
        )
    return stage


def _check_name(name: str, folder: Path) -> None:
    stages = ", ".join(list_stages(folder)) or "none yet"
    if not re.fullmatch("[a-z][a-z0-9-]{0,19}", name) or name == LOCAL:
        raise InvalidStageFile(
            f"{name!r} cannot be a stage on AWS: a name has up to 20 lower-case letters, digits and "
            f"hyphens, begins with a letter and is not {LOCAL}. Stages with a file: {stages}"
        )
    if not (folder / f"{name}.toml").exists():
        raise InvalidStageFile(
            f"the stage {name} has no file {_show(folder)}/{name}.toml: copy one of stages/ and adapt it. "
            f"Stages with a file: {stages}"
        )


def _find_mistakes(content: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with each key by itself."""
    tables = {"settings", "issuers", "route_rates"}
    top = {key: value for key, value in content.items() if key not in tables}
    yield from _check_keys(top, KEYS, "", known=KEYS.keys() | tables)
    settings = content.get("settings", {})
    if isinstance(settings, dict):
        yield from _check_settings(settings)
    else:
        yield f"settings = {_quote(settings)}: must be a table, [settings]"
    rates = content.get("route_rates", {})
    if isinstance(rates, dict):
        yield from _check_route_rates(rates)
    else:
        yield f"route_rates = {_quote(rates)}: must be a table, [route_rates]"
    issuers = content.get("issuers", [])
    if isinstance(issuers, list) and all(isinstance(each, dict) for each in issuers):
        for number, issuer in enumerate(issuers, 1):
            yield from _check_keys(issuer, ISSUER_KEYS, f"issuers[{number}].", known=ISSUER_KEYS.keys())
    else:
        yield f"issuers = {_quote(issuers)}: must be tables, each [[issuers]]"


def _check_keys(
    table: Mapping[str, Any], keys: Mapping[str, Key], prefix: str, *, known: Collection[str]
) -> Iterator[str]:
    for name, key in keys.items():
        if key.is_required and name not in table:
            yield f"{prefix}{name} is missing: must be {key.allowed}"
    for name, value in table.items():
        if name not in keys:
            yield _describe_unknown(f"{prefix}{name}", name, known)
        elif not keys[name].accepts(value):
            reason = _say_why(name, value) or f"must be {keys[name].allowed}"
            yield f"{prefix}{name} = {_quote(value)}: {reason}"


def _say_why(name: str, value: object) -> str | None:
    """Why a value is refused that another program might take."""
    if name != "region" or not isinstance(value, str):
        return None
    return next((reason for start, reason in OTHER_PARTITIONS.items() if value.startswith(start)), None)


def _check_settings(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        variable = SETTINGS.get(name)
        if variable is None:
            yield ELSEWHERE.get(name) or _describe_unknown(f"settings.{name}", name, SETTINGS)
            continue
        text = _write_setting(value)
        if not text:
            yield f"settings.{name} = {_quote(value)}: must be a number, a text or a list of texts, not empty"
            continue
        try:
            Settings.from_environment({variable: text})
        except InvalidSetting as error:
            yield f"settings.{name}: {error}"


def _check_route_rates(table: Mapping[str, Any]) -> Iterator[str]:
    if not table:
        return
    # The routes come with the functions, which most files have no need of.
    from infra.declared_routes import list_routes

    routes = [key for route in list_routes() for key in route.keys]
    for name, value in table.items():
        if name not in routes:
            yield _describe_unknown(f"route_rates.{_quote(name)}", name, routes)
        elif not ROUTE_RATE.accepts(value):
            yield f"route_rates.{_quote(name)} = {_quote(value)}: must be {ROUTE_RATE.allowed}"


def _find_conflicts(stage: StageFile) -> Iterator[str]:
    """What is wrong with keys that are right by themselves."""
    if stage.domain and not stage.certificate:
        yield "certificate is missing: domain needs the ARN of its certificate in us-east-1"
    if stage.certificate and not stage.domain:
        yield "domain is missing: certificate is of no use without it"
    if stage.monthly_budget and not stage.alarm_email:
        yield "alarm_email is missing: nobody would hear that monthly_budget is spent"
    for zone in stage.availability_zones:
        if zone[:-1] != stage.region:
            yield f"availability_zones: {zone} is no zone of {stage.region}"
    try:
        Settings.from_environment(stage.environment)
    except InvalidSetting as error:
        yield f"issuers: {error}"


def _make_stage(name: str, content: Mapping[str, Any]) -> StageFile:
    chosen: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in content.items()
        if key in KEYS
    }
    issuers = tuple(_make_issuer(each) for each in content.get("issuers", ()))
    settings = {SETTINGS[key]: _write_setting(value) for key, value in content.get("settings", {}).items()}
    return StageFile(
        name=name,
        issuers=issuers,
        settings=settings,
        route_rates=content.get("route_rates", {}),
        **chosen,
    )


def _make_issuer(table: Mapping[str, Any]) -> Issuer:
    scopes = tuple(table.get("scopes", Issuer.scopes))
    return Issuer(url=table["url"], client_id=table.get("client_id"), scopes=scopes)


def _write_setting(value: object) -> str:
    """A value of `[settings]` as the text of a variable; empty if it cannot be one."""
    if isinstance(value, list):
        return ",".join(value) if all(isinstance(each, str) for each in value) else ""
    return str(value) if type(value) is int or isinstance(value, str) else ""


def _describe_unknown(shown: str, name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(known)}"
    return f"{shown} is unknown: {hint}"


def _quote(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _show(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
