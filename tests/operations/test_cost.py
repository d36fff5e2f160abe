"""What a month costs: the page, and sums that can be checked by hand."""

from dataclasses import replace

import pytest

from operations import cost
from operations.cost import HOURS, MONTHS, REGIONS, Database, Facts, Month, Region

PRICES = cost.read_prices()
FACTS = Facts(alarms=7, secrets=2, dashboards=0, hang_up_minutes=1, pause_minutes=5)


def bill(month: Month, database: Database, region: Region = "eu-central-1") -> dict[str, float]:
    return cost.add_up(cost.measure(month, database, FACTS), PRICES, region)


def test_a_page_without_a_section_is_an_error() -> None:
    with pytest.raises(ValueError, match="no section months"):
        cost.render_page("", PRICES, FACTS)


def test_every_price_has_a_source_and_a_date_and_is_used() -> None:
    assert all(price.source and price.date for price in PRICES.values())
    grouped = [key for keys in cost.GROUPS.values() for key in keys]
    assert len(grouped) == len(set(grouped))
    used: set[str] = set()
    for month in MONTHS:
        for database in cost.DATABASES:
            used |= cost.measure(month, database, FACTS).keys()
    assert used == set(grouped) == PRICES.keys()


@pytest.mark.parametrize(
    ("region", "hourly", "gigabyte"), [("eu-central-1", 0.037, 0.137), ("us-east-1", 0.032, 0.115)]
)
def test_an_instance_costs_the_same_in_every_month(region: Region, hourly: float, gigabyte: float) -> None:
    for month in MONTHS:
        assert bill(month, "instance", region)["Database"] == pytest.approx(730 * hourly + 20 * gigabyte)


def test_aurora_that_never_pauses_costs_its_capacity() -> None:
    units = cost.measure(Month("", hours=HOURS), "aurora", FACTS)
    assert units["aurora_capacity"] == pytest.approx(730)


def test_aurora_is_awake_for_scheduled_runs_only_while_people_let_it_sleep() -> None:
    idle = cost.measure(Month(""), "aurora", FACTS)["aurora_capacity"]
    # Two runs of seven minutes a day at half a unit.
    assert idle == pytest.approx(365 / 12 * 2 * 7 / 60 * 0.5)
    half = cost.measure(Month("", hours=HOURS / 2), "aurora", FACTS)["aurora_capacity"]
    assert half == pytest.approx(365 + idle / 2)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("capacity", [0.5, 1, 2])
def test_at_the_break_even_both_databases_cost_the_same(region: Region, capacity: float) -> None:
    hours = cost.break_even(PRICES, FACTS, region, capacity) * 365 / 12
    price = PRICES["aurora_capacity"].by_region[region]
    idle = bill(Month(""), "aurora", region)["Database"]
    # The scheduled runs that fall into these hours are not taken out again: cents.
    assert idle + hours * capacity * price == pytest.approx(bill(Month(""), "instance", region)["Database"])


def test_a_million_originals_of_three_megabytes_cost_three_terabytes() -> None:
    units = cost.measure(Month("", added=1e6), "aurora", FACTS)
    assert units["s3_storage"] == pytest.approx(3100 + 259)
    assert units["s3_put"] == pytest.approx(5000)
    assert units["lambda_requests"] == pytest.approx(1.1)


def test_what_is_free_is_free_once_and_never_less_than_nothing() -> None:
    searches = cost.measure(Month("", searches=1e6, hours=10), "aurora", FACTS)
    free = cost.add_up(searches, PRICES, "us-east-1")
    full = cost.add_up(searches, PRICES, "us-east-1", with_free=False)
    # 185.2 GB of a free 1,000; 12 million pictures, 2.3 million requests to the API and 1.2 for the page of a
    # free 10, at a dollar a million; 4.7 million runs of functions of a free 2, at ten cents.
    assert free["CloudFront"] == pytest.approx(5.5 + 0.27)
    assert full["CloudFront"] == pytest.approx(15.5 + 185.2 * 0.085 + 0.47)
    assert all(0 <= free[group] <= full[group] for group in cost.GROUPS)


def test_an_alarm_more_is_ten_cents_once_the_free_ones_are_spent() -> None:
    def watched(alarms: int) -> float:
        units = cost.measure(MONTHS[0], "aurora", replace(FACTS, alarms=alarms))
        return cost.add_up(units, PRICES, "us-east-1")["CloudWatch"]

    assert watched(10) == pytest.approx(watched(0))
    assert watched(12) == pytest.approx(watched(10) + 0.2)
