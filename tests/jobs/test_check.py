from types import SimpleNamespace

import pytest

from jobs.check import JOB
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.resources import Resources
from tests.jobs.in_process import prepare, run


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        ((), ""),
        (
            ("seccomp", "landlock"),
            "\nthe decoder's isolation is incomplete there: the kernel refuses landlock, seccomp",
        ),
    ],
)
def test_the_operator_is_told_which_protections_the_workers_go_without(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, refused: tuple[str, ...], told: str
) -> None:
    prepare(monkeypatch, resources, "jobs.check")
    spark = SimpleNamespace(defaultParallelism=2, version="4", stop=lambda: None)
    monkeypatch.setattr("jobs.run.start_context", lambda _: spark)
    monkeypatch.setattr(Decoder, "refused", refused)
    line = run(JOB)
    assert line.startswith("2 workers can read both buckets and decode (Spark 4, ")
    assert line.partition(")")[2] == told
