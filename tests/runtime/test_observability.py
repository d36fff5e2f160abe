import json
import os
import subprocess
import sys

PROGRAM = """
from stockroom.runtime.observability import logger, metrics
logger.info("started")
metrics.add_metric(name="Starts", unit="Count", value=1)
metrics.flush_metrics()
"""


def test_logs_and_metrics_have_the_name_of_their_function() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ
        | {"POWERTOOLS_SERVICE_NAME": "reaper", "POWERTOOLS_METRICS_NAMESPACE": "Stockroom-staging"},
        capture_output=True,
        text=True,
        check=True,
    )
    line, metric = (json.loads(text) for text in done.stdout.splitlines())
    assert line["service"] == metric["service"] == "reaper"
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Stockroom-staging"
