"""The page in Firefox, from the first visit to two ready photos: `make test-long PARTS=firefox`.

The system's own Firefox, driven by Puppeteer: Playwright's WebDriver BiDi asks for a command that Debian's
Firefox does not have (`emulation.setMediaFeaturesOverride`). The tests of single features are in Chromium.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.api import Person
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tooling import ROOT, programs

pytestmark = pytest.mark.integration

JOURNEY = ROOT / "tests" / "firefox" / "journey.mjs"
# It comes with the environment for Python.
NODE = Path(sys.executable).parent / "node"
SECONDS = 600


def test_a_visitor_finds_a_picture_and_a_contributor_uploads_two(stack: LocalStack, tmp_path: Path) -> None:
    word = f"wombat{time.time_ns()}"
    alice = Person(stack, stack.token("alice", name="Alice"))
    (upload,) = alice.upload(fresh_photo(), description=f"A {word}")
    assert alice.settled(upload)["state"] == "ready"
    photos = [tmp_path / f"{word}-{number}.jpg" for number in range(2)]
    for photo in photos:
        photo.write_bytes(fresh_photo())
    firefox = programs.require(*programs.FIREFOXES)
    command = [str(NODE), str(JOURNEY), firefox, stack.url, alice.token, word]
    done = subprocess.run(
        [*command, *map(str, photos)], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
