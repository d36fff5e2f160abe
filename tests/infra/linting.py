"""What cfn-lint says of templates. One that it has passed is not linted again, which takes seconds.

The pinned versions, the rules and the template decide what it says, and name the record of a template that
it has passed. Hashes of our code, which name assets and a version of a function in a template, are no part of
that name: they change with each change of the code, and no rule looks at them.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tooling import ROOT
from tooling.digests import digest

PASSED = ROOT / "build" / "cfn-lint"
VERSIONS = ROOT / "requirements-dev.txt"
HASHES = re.compile(r"\b[0-9a-f]{64}\b|(?<=CurrentVersion[0-9A-F]{8})[0-9a-f]{32}\b")


def lint(templates: Sequence[Path], *ignored: str, passed: Path = PASSED) -> tuple[int, str]:
    """The status and the output of cfn-lint, without the rules `ignored`: 0 and nothing if all is well.

    One process lints all of them, as its start takes as long as half a template.
    """
    options = [f"--ignore-checks={rule}" for rule in ignored]
    records = {path: passed / _name_record(path, options) for path in templates}
    new = [path for path, record in records.items() if not record.exists()]
    if not new:
        return 0, ""
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run([linter, *options, "--", *new], capture_output=True, text=True, check=False)
    if (done.returncode, done.stdout) == (0, ""):
        passed.mkdir(parents=True, exist_ok=True)
        for path in new:
            records[path].touch()
    return done.returncode, done.stdout


def _name_record(template: Path, options: Sequence[str]) -> str:
    return digest([VERSIONS], *options, HASHES.sub("", template.read_text()))
