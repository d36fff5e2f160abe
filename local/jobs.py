"""Running a batch job on Spark, on this machine, against a stack that runs."""

import os
import subprocess
from collections.abc import Sequence
from tempfile import TemporaryDirectory

from local import emulator, mariadb
from local.layout import Layout
from tooling import ROOT
from tooling.errors import ToolError
from tooling.programs import find_java

PYTHON = ROOT / ".venv-jobs" / "bin" / "python"
FUNCTION = "AuditFunction"
"""The output with the name of a function that reads both buckets and writes to the database, as jobs do."""


def run(layout: Layout, arguments: Sequence[str]) -> int:
    """Run `python -m jobs` with these arguments until it ends; its exit status. Raises ToolError."""
    emulator.check_running(layout)
    mariadb.check_running(layout)
    # A driver that is killed leaves its files.
    with TemporaryDirectory(dir=layout.folder("spark"), ignore_cleanup_errors=True) as scratch:
        command = [str(PYTHON), "-m", "jobs", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment(layout, scratch), check=False).returncode


def environment(layout: Layout, scratch: str) -> dict[str, str]:
    """The environment of a job: that of a deployed function, and how Spark starts. Raises ToolError.

    So a job has the settings that the functions were deployed with.
    """
    client = emulator.client(layout, "lambda")
    function = client.get_function_configuration(FunctionName=layout.outputs()[FUNCTION])
    endpoint = emulator.endpoint(layout)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM", "COLUMNS") if name in os.environ}
    return {
        **kept,
        **function["Environment"]["Variables"],
        **emulator.credentials(layout),
        "AWS_REGION": emulator.REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "HOME": str(layout.data),
        "PYTHONPATH": str(ROOT),
        **spark_environment(scratch),
        "SPARK_LOG_FILE": str(layout.log("spark")),
    }


def spark_environment(scratch: str) -> dict[str, str]:
    """What has Spark run on this machine alone, and write to one folder. Raises ToolError without Java."""
    java = find_java()
    if java is None:
        raise ToolError("Spark needs Java 17 or 21: run `make setup-jobs`")
    return {
        "JAVA_HOME": str(java),
        "PYSPARK_PYTHON": str(PYTHON),
        "SPARK_CONF_DIR": str(ROOT / "jobs" / "spark_conf"),
        "SPARK_LOCAL_DIRS": scratch,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TMPDIR": scratch,
    }
