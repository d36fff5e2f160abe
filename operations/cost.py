"""`python -m operations.cost`: what a month of one stage costs on AWS, written into docs/cost.md.

Prices are in prices.toml beside this module. What a picture or a search takes is in QUANTITIES: measured
(docs/benchmarks.md) or assumed. How many alarms there are, and when the database pauses, is read in the
template. The page lists all of it.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from operations import cdk
from tooling import ROOT
from tooling.sections import replace_section

PRICES = Path(__file__).with_name("prices.toml")
PAGE = ROOT / "docs" / "cost.md"

Region = Literal["eu-central-1", "us-east-1"]
Database = Literal["aurora", "instance"]
REGIONS: tuple[Region, ...] = ("eu-central-1", "us-east-1")
DATABASES: Mapping[Database, str] = {"aurora": "Aurora", "instance": "an instance"}

DAYS = 365 / 12
HOURS = 24 * DAYS
MILLION = 1e6


@dataclass(frozen=True)
class Price:
    """What one unit costs by region, and how many units AWS gives to every account each month."""

    name: str
    unit: str
    by_region: Mapping[Region, float]
    free: float
    source: str
    date: str
    is_checked: bool


PriceList = Mapping[str, Price]


@dataclass(frozen=True)
class Facts:
    """What the template of a stage with Aurora says."""

    alarms: int
    secrets: int
    dashboards: int
    # How long an idle connection stays open, and how long Aurora stays awake without any.
    hang_up_minutes: float
    pause_minutes: float


@dataclass(frozen=True)
class Quantity:
    """A number that the sums need, and where it is from."""

    value: float
    meaning: str
    source: str


MEASURED = "measured: docs/benchmarks.md"
ASSUMED = "assumed"

QUANTITIES: Mapping[str, Quantity] = {
    "original_mb": Quantity(3.1, "megabytes of an original of 12 megapixels", MEASURED),
    "renditions_mb": Quantity(0.259, "megabytes of its renditions: JPEG 141 and WebP 112 KiB", MEASURED),
    "render_ms": Quantity(319, "ms to make its renditions: 213 for JPEG, 106 for WebP", MEASURED),
    "storage_ms": Quantity(200, "ms that storage takes longer on AWS than on a laptop", ASSUMED),
    "job_overhead": Quantity(
        1.1,
        "times the processors of rendering for a batch job: its driver, its start, its last tasks",
        ASSUMED,
    ),
    "job_gb": Quantity(2, "gigabytes of memory for each processor of a batch job", "operations/emr.py"),
    "job_gets": Quantity(1, "GETs of a batch job for a picture", "the code"),
    "job_io": Quantity(4, "reads and writes of Aurora's storage to move a row to other renditions", ASSUMED),
    "search_ms": Quantity(1.5, "ms of one processor for a search, 676 a second", MEASURED),
    "database_ms": Quantity(3, "ms for three round trips to a database in another zone", ASSUMED),
    "row_kb": Quantity(1.3, "kilobytes in the database for a picture: its row and 22 postings", MEASURED),
    "picture_puts": Quantity(
        5, "PUTs for a picture: the original, two renditions in two formats", "the code"
    ),
    "picture_gets": Quantity(2, "GETs and HEADs for a picture", "the code"),
    "picture_messages": Quantity(
        3, "requests to the queue for a picture: sent, received, deleted", "the code"
    ),
    "picture_calls": Quantity(0.1, "requests to the API for a picture: batches, and their states", ASSUMED),
    "picture_io": Quantity(25, "reads and writes of Aurora's storage for a new picture", ASSUMED),
    "search_io": Quantity(0.5, "reads of Aurora's storage for a search in a function", ASSUMED),
    "related": Quantity(1, "requests for related words after a search", "the code"),
    "few": Quantity(
        0.3, "of searches find so few pictures that the page asks for those of related words", ASSUMED
    ),
    "cached": Quantity(0.5, "of all searches are answered by the CDN's cache", ASSUMED),
    "answer_kb": Quantity(4, "kilobytes of a page of results, compressed (11 kB before)", ASSUMED),
    "seen": Quantity(12, "pictures that a visitor's browser loads for a search", ASSUMED),
    "seen_kb": Quantity(15, "kilobytes of such a picture, 240p in WebP", ASSUMED),
    "page_files": Quantity(
        6, "files of the page for a visit, each of which passes two functions", "the code"
    ),
    "visit_searches": Quantity(5, "searches in a visit", ASSUMED),
    "missed": Quantity(0.05, "of these the CDN asks storage for", ASSUMED),
    "call_log_kb": Quantity(1.6, "kilobytes of logs for a request that reaches a function", ASSUMED),
    "picture_log_kb": Quantity(2, "kilobytes of logs for a picture", ASSUMED),
    "log_months": Quantity(3, "months that logs are kept", "infra/stage.py"),
    "log_compressed": Quantity(0.15, "of their size is what stored logs are charged for", ASSUMED),
    "metrics": Quantity(29, "metrics of our own, in months with visitors", "the code"),
    "idle_metrics": Quantity(14, "of them the reaper and the audit write, for one hour a day", "the code"),
    "polls": Quantity(
        2 * 657_000,
        "empty requests to two queues a month: five pollers each, 20 s each",
        "AWS's documentation",
    ),
    "deleted": Quantity(0.01, "of new pictures are deleted, each by itself", ASSUMED),
    "keys": Quantity(
        1, "keys of KMS, which sign tokens where a stage chooses `kms`", "stages/production.toml"
    ),
    "capacity": Quantity(1, "ACU on average while Aurora is awake for visitors", ASSUMED),
    "idle_capacity": Quantity(0.5, "ACU while it is awake for a scheduled run", ASSUMED),
    "wakes": Quantity(2, "scheduled runs a day that wake it: the reaper and the audit", "infra/schedule.py"),
    "run_minutes": Quantity(1, "minutes that such a run takes", ASSUMED),
    "aurora_gb": Quantity(1, "gigabytes of an empty Aurora database", ASSUMED),
    "instance_gb": Quantity(20, "gigabytes that the instance has at least", "infra/database.py"),
    "processor_mb": Quantity(1769, "megabytes of a function that has one processor", "AWS's documentation"),
    "search_mb": Quantity(1024, "megabytes of the function search", "infra/functions.py"),
}


def quantity(name: str) -> float:
    return QUANTITIES[name].value


@dataclass(frozen=True)
class Month:
    """What happens in a month."""

    name: str
    # Pictures that are uploaded, and those that were there before.
    added: float = 0
    kept: float = 0
    searches: float = 0
    # Pictures of those that were there before, whose renditions a batch job makes anew.
    rerendered: float = 0
    # Hours in all that Aurora is awake for people; an instance is always awake.
    hours: float = 0


MONTHS = (
    Month("idle, empty"),
    Month("10⁴ pictures come in", added=1e4, hours=10),
    Month("10⁶ pictures come in", added=1e6, hours=100),
    Month("10⁶ pictures are kept, 2 hours a day", kept=1e6, searches=1e5, hours=2 * DAYS),
    Month("10⁶ pictures are rendered again", kept=1e6, rerendered=1e6, hours=4),
    Month("10⁷ searches among 10⁶ pictures", kept=1e6, searches=1e7, hours=HOURS),
)


def read_prices(path: Path = PRICES) -> PriceList:
    return {
        key: Price(
            name=each["name"],
            unit=each["unit"],
            by_region={region: float(each[region]) for region in REGIONS},
            free=each.get("free", 0),
            source=each["source"],
            date=each["date"],
            is_checked=each.get("checked", True),
        )
        for key, each in tomllib.loads(path.read_text())["price"].items()
    }


def read_facts(template: Mapping[str, Any]) -> Facts:
    """What a CloudFormation template with an Aurora cluster says."""
    resources = list(template["Resources"].values())

    def find(kind: str) -> list[dict[str, Any]]:
        return [each["Properties"] for each in resources if each["Type"] == kind]

    (cluster,) = find("AWS::RDS::DBCluster")
    timeouts = {
        float(group["Parameters"]["wait_timeout"])
        for group in find("AWS::RDS::DBClusterParameterGroup")
        if "wait_timeout" in group["Parameters"]
    }
    return Facts(
        alarms=len(find("AWS::CloudWatch::Alarm")),
        secrets=len(find("AWS::SecretsManager::Secret")),
        dashboards=len(find("AWS::CloudWatch::Dashboard")),
        hang_up_minutes=max(timeouts) / 60,
        pause_minutes=cluster["ServerlessV2ScalingConfiguration"]["SecondsUntilAutoPause"] / 60,
    )


def synthesise() -> dict[str, Any]:
    """The template of a stage with nothing but what a stage's file must say."""
    # jsii runs the first node that it finds.
    os.environ["PATH"] = os.pathsep.join([str(cdk.PROGRAMS), os.environ.get("PATH", os.defpath)])
    from app import build

    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "trial.toml").write_text('region = "eu-central-1"\nvisibility = "public"\n')
        build({"stage": "trial", "aws:cdk:bundling-stacks": []}, folder / "out", folder).synth()
        (template,) = (folder / "out").glob("*.template.json")
        content: dict[str, Any] = json.loads(template.read_text())
    return content


def measure(month: Month, database: Database, facts: Facts) -> dict[str, float]:
    """How many units of each price a month takes."""
    pictures = month.added + month.kept
    pages = month.searches * (1 + quantity("few"))
    requests = pages + month.searches * quantity("related")
    uncached = requests * (1 - quantity("cached"))
    calls = uncached + month.added * quantity("picture_calls")
    seen = month.searches * quantity("seen")
    page_files = month.searches / quantity("visit_searches") * quantity("page_files")
    is_idle = not (month.added or month.searches)
    logs = (calls * quantity("call_log_kb") + month.added * quantity("picture_log_kb")) / MILLION
    search_seconds = (
        quantity("search_ms") * quantity("processor_mb") / quantity("search_mb") + quantity("database_ms")
    ) / 1000
    render_seconds = (quantity("render_ms") + quantity("storage_ms")) / 1000
    job_hours = month.rerendered * render_seconds * quantity("job_overhead") / 3600
    units = {
        "s3_storage": (month.added * quantity("original_mb") + pictures * quantity("renditions_mb")) / 1000,
        # Originals of an older library: nobody has read them for 90 days.
        "s3_archive": month.kept * quantity("original_mb") / 1000,
        "s3_tiering": month.kept / 1000,
        "s3_transition": month.added / 1000,
        # A job puts renditions alone.
        "s3_put": (month.added * quantity("picture_puts") + month.rerendered * (quantity("picture_puts") - 1))
        / 1000,
        "s3_get": (
            month.added * quantity("picture_gets")
            + month.rerendered * quantity("job_gets")
            + seen * quantity("missed")
        )
        / 1000,
        "cdn_transfer": (pages * quantity("answer_kb") + seen * quantity("seen_kb")) / MILLION,
        "cdn_requests": (requests + month.added * quantity("picture_calls") + seen + page_files) / MILLION,
        "cdn_functions": (requests + 2 * page_files) / MILLION,
        "cdn_invalidation": month.added * quantity("deleted"),
        "http_api": calls / MILLION,
        "lambda_requests": (calls + month.added) / MILLION,
        "lambda_duration": (
            calls * search_seconds * quantity("search_mb")
            + month.added * render_seconds * quantity("processor_mb")
        )
        / 1024,
        "emr_processor": job_hours,
        "emr_memory": job_hours * quantity("job_gb"),
        "sqs": (quantity("polls") + month.added * quantity("picture_messages")) / MILLION,
        "kms_key": quantity("keys"),
        "secret": facts.secrets,
        "log_ingestion": logs,
        "log_storage": logs * quantity("log_months") * quantity("log_compressed"),
        "metric": quantity("idle_metrics") / 24 if is_idle else quantity("metrics"),
        "alarm": facts.alarms,
        "dashboard": facts.dashboards,
        "gateway_endpoint": 1,
    }
    rows_gb = pictures * quantity("row_kb") / MILLION
    if database == "instance":
        return units | {"instance": HOURS, "instance_storage": max(quantity("instance_gb"), rows_gb)}
    io = (
        month.added * quantity("picture_io")
        + month.rerendered * quantity("job_io")
        + uncached * quantity("search_io")
    )
    return units | {
        "aurora_capacity": month.hours * quantity("capacity")
        + _idle_hours(month, facts) * quantity("idle_capacity"),
        "aurora_storage": quantity("aurora_gb") + rows_gb,
        "aurora_io": io / MILLION,
    }


def _idle_hours(month: Month, facts: Facts) -> float:
    """The hours that Aurora is awake for scheduled runs alone."""
    share_without_people = 1 - month.hours / HOURS
    minutes = quantity("run_minutes") + facts.hang_up_minutes + facts.pause_minutes
    return DAYS * quantity("wakes") * minutes / 60 * share_without_people


GROUPS: Mapping[str, tuple[str, ...]] = {
    "Database": ("aurora_capacity", "aurora_storage", "aurora_io", "instance", "instance_storage"),
    "S3": ("s3_storage", "s3_archive", "s3_tiering", "s3_transition", "s3_put", "s3_get"),
    "CloudFront": ("cdn_transfer", "cdn_requests", "cdn_functions", "cdn_invalidation"),
    "API Gateway": ("http_api",),
    "Lambda": ("lambda_requests", "lambda_duration"),
    "EMR Serverless": ("emr_processor", "emr_memory"),
    "SQS": ("sqs",),
    "Secrets Manager, KMS": ("secret", "kms_key"),
    "CloudWatch": ("log_ingestion", "log_storage", "metric", "alarm", "dashboard"),
    "VPC": ("gateway_endpoint",),
}


def add_up(
    units: Mapping[str, float], prices: PriceList, region: Region, *, with_free: bool = True
) -> dict[str, float]:
    """Dollars by group of services."""
    return {
        group: sum(
            max(0.0, units.get(key, 0) - (prices[key].free if with_free else 0))
            * prices[key].by_region[region]
            for key in keys
        )
        for group, keys in GROUPS.items()
    }


def break_even(prices: PriceList, facts: Facts, region: Region, capacity: float) -> float:
    """The hours a day for people, from which on an instance is cheaper than Aurora at so many ACU."""

    def cost(database: Database) -> float:
        units = measure(Month(""), database, facts)
        return add_up(units, prices, region)["Database"]

    hour = capacity * prices["aurora_capacity"].by_region[region]
    return (cost("instance") - cost("aurora")) / (hour * DAYS)


def render_months(prices: PriceList, facts: Facts) -> str:
    """A table for each region and database: a column for each month, a line for each service."""
    parts = []
    for region in REGIONS:
        for database, title in DATABASES.items():
            bills = [
                [
                    add_up(measure(month, database, facts), prices, region, with_free=with_free)
                    for month in MONTHS
                ]
                for with_free in (True, False)
            ]
            rows = [[group, *(_dollars(bill[group]) for bill in bills[0])] for group in GROUPS]
            rows += [
                [f"**{name}**", *(f"**{_dollars(sum(bill.values()))}**" for bill in chosen)]
                for name, chosen in zip(("In all", "Without free allowances"), bills, strict=True)
            ]
            heads = ["Dollars a month", *(month.name for month in MONTHS)]
            parts.append(f"### {region}, {title}\n\n{_table(heads, rows)}")
    return "\n\n".join(parts)


def render_break_even(prices: PriceList, facts: Facts) -> str:
    capacities = (0.5, 1, 2, 4)
    rows = [
        [region, *(f"{min(24.0, break_even(prices, facts, region, each)):.1f}" for each in capacities)]
        for region in REGIONS
    ]
    hang_up, pause = facts.hang_up_minutes, facts.pause_minutes
    return (
        f"An hour counts from the first request to {hang_up + pause:g} minutes after the last one: an idle "
        f"connection is\nclosed after {hang_up:g}, and Aurora pauses after {pause:g} more.\n\n"
        + _table(["Hours a day", *(f"at {each:g} ACU" for each in capacities)], rows)
    )


def render_prices(prices: PriceList) -> str:
    rows = [
        [
            price.name,
            f"{price.by_region['eu-central-1']:.10g}",
            f"{price.by_region['us-east-1']:.10g}",
            f"{price.free:,.10g}" if price.free else "",
            price.unit,
            price.source + ("" if price.is_checked else " (**to be checked**)"),
            price.date,
        ]
        for price in prices.values()
    ]
    return _table(["Price", *REGIONS, "free a month", "unit", "source", "date"], rows, figures=3)


def render_quantities(facts: Facts) -> str:
    template = {
        "alarms": facts.alarms,
        "secrets": facts.secrets,
        "dashboards": facts.dashboards,
        "minutes until an idle connection is closed": facts.hang_up_minutes,
        "minutes until Aurora pauses without connections": facts.pause_minutes,
    }
    rows = [
        *([each.meaning, f"{each.value:,.6g}", each.source] for each in QUANTITIES.values()),
        *([name, f"{value:g}", "the template"] for name, value in template.items()),
    ]
    return _table(["Quantity", "value", "source"], rows, figures=1)


def render_page(page: str, prices: PriceList, facts: Facts) -> str:
    """The page with its sections made anew. Raises ValueError when it lacks one of them."""
    sections = {
        "months": render_months(prices, facts),
        "break-even": render_break_even(prices, facts),
        "prices": render_prices(prices),
        "quantities": render_quantities(facts),
    }
    for name, text in sections.items():
        page = replace_section(page, name, text)
    return page


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], figures: int | None = None) -> str:
    """A Markdown table; so many columns after the first, or all of them, hold figures."""
    count = len(heads) - 1 if figures is None else figures
    rule = ["---", *["--:"] * count, *["---"] * (len(heads) - 1 - count)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [heads, rule, *rows])


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}"


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text(), read_prices(), read_facts(synthesise())))
