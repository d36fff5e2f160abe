import re
import tomllib

import pytest

from jobs import estimate
from operations import emr
from stockroom.images.repository.renditions import SourceCount
from stockroom.runtime.settings import Settings
from tooling import ROOT


def test_an_archive_of_a_hundred_million_is_estimated_in_words() -> None:
    settings = Settings(rendition_version=3, formats=("jpeg", "webp"))
    lines = estimate.estimate(SourceCount(10**8, 35 * 10**13), settings, rate=2000).splitlines()
    assert lines[0] == "100,000,000 pictures, 350.0 TB, get renditions of version 3"
    assert lines[2] == "moving the rows takes 13 h 53 min at 2,000 rows a second"
    assert "400,000,000 PUTs" in lines[3]
    # As docs/benchmarks.md has it, from 195 ms of a processor and 100 ms of waiting for a picture of 3.5 MB.
    hours = re.search(r"([\d,]+)\.\d processor-hours", lines[3])
    assert hours is not None
    assert int(hours[1].replace(",", "")) == pytest.approx(8187, rel=0.02)


def test_a_larger_rendition_is_one_more_file_and_takes_longer() -> None:
    count = SourceCount(10**6, 35 * 10**11)
    usual, larger = (
        estimate.estimate(count, Settings(formats=formats), rate=2000).splitlines()[3]
        for formats in (("jpeg", "webp"), ("jpeg", "webp", "1440p"))
    )
    assert "4,000,000 PUTs" in usual
    assert "5,000,000 PUTs" in larger
    hours = [float(re.findall(r"([\d.]+) processor-hours", line)[0]) for line in (usual, larger)]
    assert hours[1] - hours[0] == pytest.approx(10**6 * estimate.FORMAT_SECONDS["1440p"] / 3600, abs=0.2)


def test_nothing_to_do_costs_nothing() -> None:
    lines = estimate.estimate(SourceCount(0, 0), Settings(), rate=200)
    assert "on AWS about 0.00 USD" in lines


def test_the_prices_are_those_of_the_price_list() -> None:
    prices = tomllib.loads((ROOT / "operations" / "prices.toml").read_text())["price"]
    assert pytest.approx(
        {name: prices[name]["us-east-1"] for name in ("s3_put", "s3_get", "emr_processor", "emr_memory")}
    ) == {
        "s3_put": 1000 * estimate.PUT,
        "s3_get": 1000 * estimate.GET,
        "emr_processor": estimate.PROCESSOR_HOUR,
        "emr_memory": estimate.MEMORY_HOUR,
    }


def test_the_memory_is_that_of_an_executor() -> None:
    assert (emr.HEAP_GB + emr.OVERHEAD_GB) / emr.EXECUTOR_PROCESSORS == estimate.MEMORY_GB
