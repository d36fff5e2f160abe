"""Batch jobs of a stage: started on EMR Serverless, followed until they end, and what they leave."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import boto3

from infra.stage_file import StageFile
from jobs.printing import END, LOGGED, SAID
from jobs.progress import Progress, describe
from operations.emr import DRY_RUN, Service
from operations.job_application import Attempt
from operations.job_progress import follow
from operations.stack import explained
from tooling import ROOT
from tooling.errors import ToolError
from tooling.terminal import show

POLL_SECONDS = 5
LOG_SECONDS = 60
"""How long the driver's last lines may take to arrive in the bucket. EMR stores its logs every 15 seconds."""
REPORTS = ROOT / "build" / "reports"
ENDED = ("SUCCESS", "FAILED", "CANCELLED")
LAST_LINES = 20
TEXT = "\n\t"


def run_job(
    stage: StageFile,
    session: boto3.Session,
    job: str,
    arguments: Sequence[str],
    say: Callable[[str], None],
) -> str:
    """Start a job, or find it under way, and follow it to its end; its result, as its driver has printed it.

    Raises ToolError for a job that fails. Who interrupts this leaves the job running.
    """
    with explained():
        service = Service(stage, session)
        # Whoever asks how much there is to do must not be shown what somebody does, nor the other way round.
        name = f"{job}{DRY_RUN}" if "--dry-run" in arguments else job
        attempt = service.find(name)
        if attempt is not None:
            since = f"{attempt.created_at:%H:%M} UTC"
            say(f"{name} is under way since {since} and is followed: nothing is started")
        else:
            attempt = service.start(job, arguments, name)
            say(f"{name} is started, EMR's job run {attempt.id}; the first minutes go by while workers start")
        try:
            return _Attendant(service, attempt, say).attend()
        except KeyboardInterrupt:
            say(
                f"{name} goes on without this terminal. `make {_target(name)} STAGE={stage.name}` follows it "
                f"again, `make stop-job STAGE={stage.name} JOB={name}` stops it"
            )
            raise


def stop_job(stage: StageFile, session: boto3.Session, job: str) -> str:
    """Stop a job that is under way; what to say of that. Raises ToolError where there is none."""
    with explained():
        if not Service(stage, session).stop(job):
            raise ToolError(f"no run of {job!r} is under way")
    return f"{job} stops within a minute; when the job is started again, the run goes on where it was"


@dataclass
class _Attendant:
    """Tells a person about one attempt at a job."""

    service: Service
    attempt: Attempt
    say: Callable[[str], None]
    run: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What EMR has said last of the attempt."""

    def attend(self) -> str:
        """The result, once the attempt has ended. Raises ToolError when it failed."""
        last = follow(self._read_progress, self._has_ended)
        if used := self.facts.get("billedResourceUtilization") or self.facts.get("totalResourceUtilization"):
            self.say(f"it took {used['vCPUHour']:.2f} vCPU-hours and {used['memoryGBHour']:.2f} GB-hours")
        self._keep_report()
        lines = self._wait_for_lines()
        if self.facts["state"] != "SUCCESS":
            raise ToolError(self._explain(lines))
        for line in [line for line in lines if line.startswith(SAID)][-LAST_LINES:]:
            self.say(line.removeprefix(SAID))
        printed = "".join(f"{line}\n" for line in lines if not line.startswith(SAID))
        if not printed and last is not None:
            return f"{describe(last)}\n"
        return printed

    def _read_progress(self) -> Progress | None:
        self.run = self.run or self.service.find_run(self.attempt)
        return self.service.read_progress(self.attempt.job, self.run) if self.run else None

    def _has_ended(self, _seconds: float) -> bool:
        before = self.facts.get("state")
        self.facts = self.service.describe(self.attempt)
        if self.facts["state"] in ENDED:
            return True
        if self.facts["state"] != before and self.run is None:
            self.say(f"{self.attempt.job}: {self.facts['state'].lower()}")
        time.sleep(POLL_SECONDS)
        return False

    def _keep_report(self) -> None:
        if self.run and (page := self.service.read_report(self.attempt.job, self.run)) is not None:
            REPORTS.mkdir(parents=True, exist_ok=True)
            path = REPORTS / f"{self.attempt.job}-{self.run}.html"
            path.write_bytes(page)
            self.say(f"the report is {path}")

    def _explain(self, lines: Sequence[str]) -> str:
        """Why the attempt has failed, by what its driver has printed."""
        name, state = self.attempt.job, self.facts["state"]
        shown = list(lines[-LAST_LINES:])
        if not any(line.startswith(f"{name.removesuffix(DRY_RUN)}: ") for line in lines):
            # The driver has not come to say it, or nobody has foreseen it: Spark's own log may know.
            shown += self._read_lines("stderr")[-LAST_LINES:]
        return "\n".join(
            [
                f"{name} ended as {state} (EMR's job run {self.attempt.id}): "
                f"{show(str(self.facts.get('stateDetails', '')))}",
                *(f"    {line}" for line in shown),
                "when it is started again, its run goes on where it was (docs/jobs.md)",
            ]
        )

    def _wait_for_lines(self) -> list[str]:
        """What the driver has printed, without what the domain has logged in between."""
        deadline = time.monotonic() + LOG_SECONDS
        while END not in (lines := self._read_lines("stdout")) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return [line for line in lines if line != END and not line.startswith(LOGGED)]

    def _read_lines(self, stream: str) -> list[str]:
        return show(self.service.read_log(self.attempt, stream) or "", keep=TEXT).splitlines()


def _target(name: str) -> str:
    """The make target by which a job is started, and followed."""
    job = name.removesuffix(DRY_RUN)
    targets = {"audit": "audit SPARK=1", "check": "check-jobs", "cleanup": "rerender-cleanup"}
    target = targets.get(job, job)
    return target if name == job else f"{target} DRY_RUN=1"
