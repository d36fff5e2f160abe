"""What a dry run says: how many pictures, how long it takes, and what it costs on AWS."""

import os

from jobs.progress import describe_bytes, describe_time
from stockroom.images.repository.renditions import SourceCount
from stockroom.renditions.outputs import OUTPUT_FORMATS
from stockroom.runtime.settings import Settings

PICTURE_SECONDS = 0.2
"""Of one core, for each picture: to decode it and encode both JPEGs, and half of it to wait for S3."""
MEGABYTE_SECONDS = 0.015
"""For each megabyte of the originals beyond that."""
FORMAT_SECONDS = {"jpeg": 0.0, "webp": 0.04, "avif": 0.3, "1440p": 0.2}
"""For each further format."""
PROCESSORS = 64
"""The size of the cluster in the example."""
# List prices of us-east-1 in US dollars, whose sources are in operations/prices.toml.
MEMORY_GB = 2
"""For each processor of EMR Serverless (operations/emr.py)."""
PROCESSOR_HOUR = 0.042094
MEMORY_HOUR = 0.004628
PUT = 0.005 / 1000
GET = 0.0004 / 1000


def estimate(count: SourceCount, settings: Settings, rate: int) -> str:
    """The lines of a dry run. The times are those of the benchmarks, not of these pictures."""
    seconds = (
        count.pictures * (PICTURE_SECONDS + sum(FORMAT_SECONDS[name] for name in settings.formats))
        + count.bytes / 1e6 * MEGABYTE_SECONDS
    )
    puts = count.pictures * sum(len(OUTPUT_FORMATS[name].renditions) for name in settings.formats)
    cost = seconds / 3600 * (PROCESSOR_HOUR + MEMORY_GB * MEMORY_HOUR) + puts * PUT + count.pictures * GET
    cores = os.cpu_count() or 1
    return "\n".join(
        (
            f"{count.pictures:,} pictures, {describe_bytes(count.bytes)}, get renditions of version "
            f"{settings.rendition_version}",
            f"rendering takes about {describe_time(seconds / cores)} on {cores} cores, "
            f"{describe_time(seconds / PROCESSORS)} on {PROCESSORS} processors of EMR Serverless",
            f"moving the rows takes {describe_time(count.pictures / rate)} at {rate:,} rows a second",
            f"on AWS about {cost:,.2f} USD: {seconds / 3600:,.1f} processor-hours, {puts:,} PUTs",
        )
    )
