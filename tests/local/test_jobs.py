import io
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from jobs.progress import Progress, encode
from local import cli, emulator, jobs, processes
from local.layout import Layout, write_json
from tooling.errors import ToolError

RUN = "20260131t100000-aa"


class Aws:
    """What the emulator says of a function, and objects of its S3 by their keys."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.fault: Exception | None = None
        self.is_away_at_once = False
        self.missing_fault: Exception | None = None
        self.exceptions = self
        self.NoSuchKey = KeyError

    # The names are boto3's.
    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        if self.fault is not None and self.is_away_at_once:
            raise self.fault
        return {"Environment": {"Variables": {"STOCKROOM_RENDITION_VERSION": "2", "FUNCTION": FunctionName}}}

    def list_objects_v2(self, Bucket: str, Prefix: str, Delimiter: str) -> dict[str, Any]:  # noqa: N803
        if self.fault is not None:
            raise self.fault
        assert (Bucket, Delimiter) == ("uploads", "/")
        folders = {key[: key.index("/", len(Prefix)) + 1] for key in self.objects if key.startswith(Prefix)}
        return {"CommonPrefixes": [{"Prefix": folder} for folder in sorted(folders)]}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "uploads"
        if self.missing_fault is not None and Key not in self.objects:
            raise self.missing_fault
        return {"Body": io.BytesIO(self.objects[Key])}


@pytest.fixture
def aws(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Aws:
    monkeypatch.setattr(processes, "running", lambda *_: 1)
    outputs = {"AuditFunction": "audit-1", "UploadsBucket": "uploads"}
    write_json(layout.data / "outputs.json", {"Stockroom": outputs})
    aws = Aws()
    monkeypatch.setattr(emulator, "client", lambda *_: aws)
    return aws


def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commands: str) -> None:
    """Have these commands of a shell run in place of Python."""
    program = tmp_path / "job"
    program.write_text(f"#!/bin/sh\n{commands}\n")
    program.chmod(0o755)
    monkeypatch.setattr(jobs, "PYTHON", program)


@pytest.mark.usefixtures("aws")
def test_a_job_has_the_settings_of_the_functions_and_its_own_folder(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    job(tmp_path, monkeypatch, 'echo "$@" $STOCKROOM_RENDITION_VERSION $FUNCTION; touch $TMPDIR/left; exit 3')
    assert jobs.run(layout, ["rerender", "--rate", "5"]) == 3
    assert capfd.readouterr().out == "-m jobs rerender --rate 5 2 audit-1\n"
    assert not list((layout.data / "spark").iterdir())


@pytest.mark.usefixtures("aws")
def test_the_index_is_built_anew_without_spark(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    job(tmp_path, monkeypatch, 'echo "$@" $FUNCTION $JAVA_HOME$PYSPARK_PYTHON; touch $TMPDIR/left')
    monkeypatch.setattr(jobs, "OWN_PYTHON", jobs.PYTHON)
    monkeypatch.setattr(jobs, "PYTHON", tmp_path / "none")
    with pytest.raises(SystemExit, match=r"^0$"):
        cli.main(["--data", str(layout.data), "--port", str(layout.port), "reindex", "--may-differ"])
    assert capfd.readouterr().out == "-m jobs reindex --may-differ audit-1\n"
    assert not list((layout.data / "spark").iterdir())


def test_the_newest_run_is_followed_and_its_report_is_kept(
    layout: Layout,
    aws: Aws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    job(tmp_path, monkeypatch, "exit 0")
    later = int((time.time() + 60) * 1000)
    for run_id, updated in (("20260130t100000-bb", 1), (RUN, later)):
        progress = Progress(job="rerender", run_id=run_id, total=7, done=7, updated=updated)
        aws.objects[f"jobs/rerender/{run_id}/progress.json"] = encode(progress)
        aws.objects[f"jobs/rerender/{run_id}/report.html"] = run_id.encode()
    assert jobs.run(layout, ["rerender"]) == 0
    assert "7 of 7 pictures: 7 done" in capfd.readouterr().err
    (report,) = (layout.data / "reports").iterdir()
    assert (report.name, report.read_text()) == (f"rerender-{RUN}.html", RUN)


def test_a_job_is_followed_past_a_moment_without_an_emulator(
    layout: Layout,
    aws: Aws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    job(tmp_path, monkeypatch, "echo came to its end")
    aws.fault = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    assert jobs.run(layout, ["rerender"]) == 0
    assert capfd.readouterr().out == "came to its end\n"


def test_a_job_that_begins_without_an_emulator_says_so(
    layout: Layout, aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job(tmp_path, monkeypatch, "exit 0")
    aws.fault, aws.is_away_at_once = EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), True
    with pytest.raises(ToolError, match=r"the AWS emulator does not answer, .*: start the job when"):
        jobs.run(layout, ["rerender"])


def test_a_report_that_cannot_be_copied_is_no_failure(
    layout: Layout,
    aws: Aws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    job(tmp_path, monkeypatch, "exit 0")
    later = int((time.time() + 60) * 1000)
    aws.objects[f"jobs/rerender/{RUN}/progress.json"] = encode(
        Progress(job="rerender", run_id=RUN, total=7, updated=later)
    )
    aws.missing_fault = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    assert jobs.run(layout, ["rerender"]) == 0
    assert "the report is not copied, as the AWS emulator does not answer" in capfd.readouterr().err


@pytest.mark.usefixtures("aws")
def test_what_a_job_has_left_that_was_killed_goes_when_nobody_uses_it_any_more(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = layout.folder("spark")
    for name in ("left", "used"):
        (folder / name / "blockmgr").mkdir(parents=True)
    job(tmp_path, monkeypatch, "exit 0")
    # As by a driver that goes on after its terminal was killed: it has inherited the lock.
    with jobs._locked(folder / "used") as lock:
        driver = subprocess.Popen(["sleep", "60"], pass_fds=[lock])
    try:
        assert jobs.run(layout, ["rerender"]) == 0
        assert [path.name for path in folder.iterdir()] == ["used"]
    finally:
        driver.kill()
        driver.wait()
    assert jobs.run(layout, ["rerender"]) == 0
    assert list(folder.iterdir()) == []


def test_a_run_of_before_is_not_taken_for_this_one(
    layout: Layout,
    aws: Aws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    job(tmp_path, monkeypatch, "exit 1")
    aws.objects[f"jobs/rerender/{RUN}/progress.json"] = encode(
        Progress(job="rerender", run_id=RUN, total=7, done=7, updated=1)
    )
    aws.objects["jobs/rerender/20260201t100000-cc/parts/1"] = b""
    assert jobs.run(layout, ["rerender"]) == 1
    assert "pictures" not in capfd.readouterr().err


@pytest.mark.usefixtures("aws")
def test_a_driver_that_was_killed_is_a_job_that_failed_and_says_why(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    job(tmp_path, monkeypatch, "kill -9 $$")
    assert jobs.run(layout, ["rerender"]) == 1
    said = capfd.readouterr().err
    assert "SIGKILL" in said
    assert "goes on with its run, 120 seconds" in said
    assert str(layout.log("spark")) in said


@pytest.mark.usefixtures("aws")
def test_whoever_terminates_the_command_terminates_the_driver(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def survive(*_: object) -> None:
        """What is missing must not end the tests."""

    job(
        tmp_path,
        monkeypatch,
        "trap 'echo told; exit 4' TERM; kill -TERM $PPID; for i in $(seq 100); do sleep 0.1; done",
    )
    before = signal.signal(signal.SIGTERM, survive)
    try:
        assert jobs.run(layout, ["rerender"]) == 4
        assert signal.getsignal(signal.SIGTERM) is survive
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capfd.readouterr().out == "told\n"


@pytest.mark.usefixtures("aws")
def test_without_java_it_says_what_to_do(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "find_java", lambda: None)
    with pytest.raises(ToolError, match="make setup-jobs"):
        jobs.run(layout, ["rerender"])
