"""What goes to EMR runs on EMR's processor, by the Python of its image: a part of `make test-arm64`.

The Python is Debian's, of the same version, whose C library is newer than that of Amazon Linux 2023. Wheels
for `manylinux_2_28` need less than either has.
"""

import tarfile
from pathlib import Path

from infra.jobs_environment import ARCHIVE, EMR, write_archive
from tests.arm64.machine import run_machine
from tooling import ROOT

SAMPLE = ROOT / "samples" / "canyon-wren.jpg"
PROGRAM = f"""
import sys
from pathlib import Path
# What the driver and the executors import, but for Spark, which EMR has.
import jobs.command_line, jobs.rerender, jobs.audit, jobs.facts, jobs.reindex
import pyarrow.parquet, pyvips
from stockroom.renditions.rendering import render
made = render(Path({str(SAMPLE)!r}).read_bytes())
print(sys.prefix, jobs.__file__, pyvips.__file__, f"{{made.width}}x{{made.height}}", sep="\\n")
"""


def test_the_packed_environment_renders_a_picture_by_the_python_of_the_image(tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    with tarfile.open(write_archive(EMR) / ARCHIVE) as archive:
        archive.extractall(environment, filter="fully_trusted")  # noqa: S202  it was packed above
    python = environment / "bin" / "python"
    assert python.readlink() == EMR.interpreter
    with run_machine(EMR.platform.python) as machine:
        printed = machine.run_in_environment(python, PROGRAM).split()
    assert printed[-1] == "2560x1440"
    for path in printed[:-1]:
        assert Path(path).is_relative_to(environment)
