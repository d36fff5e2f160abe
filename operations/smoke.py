"""Whether a library works: the page, the API, and the whole way of a picture, as a contributor goes it.

The library's command line (client/) uploads and searches. The sample is the same file every time: from the
second run on it is a duplicate, so that a library gets one picture and not one for each deployment. What
every run sends anew is a damaged copy. It takes the way through tickets, storage, queue and decoder, is
refused, and is then cancelled: nothing of it is left.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urljoin

import httpx2
import jwt

from stockroom_client.api import Api
from stockroom_client.failures import Failure
from stockroom_client.transport import open_client, retry_after, send
from stockroom_client.tuning import Tuning
from tooling import ROOT
from tooling.errors import ToolError

SUBJECT = "smoke-test"
"""Whose uploads these are, where the token is made for the test."""

SAMPLE = ROOT / "samples" / "lake-sherburne.jpg"
TAG = "smoketest"
# A database that sleeps takes half a minute to wake, and the CDN keeps a search for twenty seconds.
PATIENCE = 180.0
PAUSE = 2.0
JPEG_START = b"\xff\xd8"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Library:
    """The library at `site`, for the holder of `token`; without one, only what everybody may see is tried."""

    site: str
    token: str
    http: httpx2.Client
    # Seconds to wait for what takes its time, and between two looks at it.
    patience: float = PATIENCE
    pause: float = PAUSE

    def get(self, path: str) -> httpx2.Response:
        """The response to a GET of a path of the site. Raises ToolError when there is none."""
        try:
            return send(self.http, "GET", urljoin(self.site, path))
        except Failure as failure:
            raise ToolError(str(failure)) from failure

    def run(self, *arguments: str) -> Any:
        """What a command of the library's command line prints as JSON, whatever its exit status."""
        done = subprocess.run(
            [sys.executable, "-m", "stockroom_client", *arguments],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "client"),
                "STOCKROOM_URL": self.site,
                "STOCKROOM_TOKEN": self.token,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise ToolError(f"`stockroom {arguments[0]}` failed: {done.stderr.strip()}") from None

    def wait_for(self, what: str, attempt: Callable[[], bool]) -> None:
        """Try again until `attempt` succeeds. Raises ToolError when it has not in time."""
        ends = time.monotonic() + self.patience
        while not attempt():
            if time.monotonic() > ends:
                raise ToolError(f"{what}: not after {self.patience:.0f} s")
            time.sleep(self.pause)


def smoke(site: str, token: str, say: Say, *, is_new: bool = False, patience: float = PATIENCE) -> None:
    """Try everything; `say` gets a line for each part that works. Raises ToolError for the first other one.

    With `is_new`, the sample's content is new as well, and one picture more stays in the library.
    """
    with open_client() as http:
        library = Library(site.rstrip("/") + "/", token, http, patience)
        check_page(library)
        say("the page and its script are there")
        is_public = check_api(library)
        say("the API and the database answer")
        if not token:
            if is_public:
                library.run("search", "--json")
                say("a search answers")
            say("without a token no upload was tried: give STOCKROOM_TOKEN")
            return
        with TemporaryDirectory() as folder:
            name, urls = upload_sample(library, Path(folder), is_new=is_new)
            say(f"a picture was uploaded, rendered and found: {name}")
            check_renditions(library, urls)
            say("its renditions are there")
            check_picture_page(library, name, is_public=is_public)
            say("its page is there")
            cancel_damaged(library, Path(folder))
            say("a damaged file was refused, and its upload cancelled")


def check_token(token: str, now: float, seconds: float = 3600) -> str:
    """Says until when a token is valid. Raises ToolError for one that is not, for so long from `now` on.

    A deployment asks first: its smoke test would blame the new version for an old token.
    """
    if not token:
        return "without a token no upload will be tried"
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        ends = float(claims["exp"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError):
        raise ToolError("STOCKROOM_TOKEN is no sign-in token") from None
    until = f"{datetime.fromtimestamp(ends, UTC):%Y-%m-%d %H:%M} UTC"
    if ends < now + seconds:
        raise ToolError(f"STOCKROOM_TOKEN is valid until {until} only: make another with `make token`")
    return f"the token is valid until {until}"


def check_page(library: Library) -> None:
    """The page is what was built, and leads to a script that is there."""
    page = _expect(library.get("/"), "text/html", "the page")
    scripts = re.findall(r'src="(/assets/[^"]+\.js)"', page.text)
    if not scripts:
        raise ToolError("the page names no script of its own: is it published?")
    for script in scripts:
        _expect(library.get(script), "text/javascript", f"the page's script {script}")


def check_api(library: Library) -> bool:
    """Waits until the API and its database answer; whether everybody may search."""

    def is_up() -> bool:
        answer = library.get("/api/health?deep=1")
        if answer.status_code in {503, 504}:
            time.sleep(min(retry_after(answer) or 0.0, library.patience))
            return False
        _expect(answer, "application/json", "/api/health?deep=1")
        return True

    library.wait_for("the database answers", is_up)
    config = _expect(library.get("/api/config"), "application/json", "/api/config")
    return bool(config.json()["visibility"] == "public")


def upload_sample(library: Library, folder: Path, *, is_new: bool) -> tuple[str, dict[str, str]]:
    """Upload the sample, wait until a search finds it; its id and the links to its renditions."""
    picture = folder / SAMPLE.name
    content = SAMPLE.read_bytes()
    picture.write_bytes(_make_different(content) if is_new else content)
    outcome = _upload(library, picture)
    if outcome["state"] not in {"ready", "duplicate"}:
        raise ToolError(f"the sample is {outcome['state']}: {outcome['code']}, {outcome['detail']}")
    found: dict[str, dict[str, str]] = {}

    def is_found() -> bool:
        # Newest first, and no other search has this tag.
        images = library.run("search", "--json", "--tag", TAG, "--limit", "100")["images"]
        found.update({image["id"]: image["urls"] for image in images})
        return outcome["id"] in found

    library.wait_for(f"a search for the tag {TAG} finds {outcome['id']}", is_found)
    return outcome["id"], found[outcome["id"]]


def check_renditions(library: Library, urls: dict[str, str]) -> None:
    """Both renditions are there, as JPEG."""
    if not {"240p", "720p"} <= urls.keys():
        raise ToolError(f"the picture has the renditions {', '.join(sorted(urls)) or '(none)'} only")
    for name in ("240p", "720p"):
        rendition = _expect(library.get(urls[name]), "image/jpeg", f"the rendition {name}")
        if not rendition.content.startswith(JPEG_START):
            raise ToolError(f"the rendition {name} is no JPEG")


def check_picture_page(library: Library, picture: str, *, is_public: bool) -> None:
    """The page of a picture is the published one; in a public library it says what a link to it shows."""
    path = f"/p/{picture}"
    pages: list[httpx2.Response] = []

    def is_there() -> bool:
        answer = library.get(path)
        if answer.status_code == 503:
            # The function has not yet read the page that was just published, or the database pauses.
            return False
        pages.append(_expect(answer, "text/html", f"the page {path}"))
        return True

    library.wait_for(f"the page {path} is there", is_there)
    (page,) = pages
    if not re.search(r'src="/assets/[^"]+\.js"', page.text):
        raise ToolError(f"the page {path} names no script of its own")
    if not is_public:
        if picture in page.text:
            raise ToolError(f"the page {path} tells everybody of a private library which pictures there are")
        return
    image = re.search(r'<meta property="og:image" content="([^"]+)"', page.text)
    if image is None:
        raise ToolError(f"the page {path} does not say which picture a link to it shows")
    _expect(library.get(image[1]), "image/jpeg", f"the picture that a link to {path} shows")


def cancel_damaged(library: Library, folder: Path) -> None:
    """Upload half a file that nobody has uploaded before, see it refused, and cancel it."""
    damaged = folder / "damaged.jpg"
    content = _make_different(SAMPLE.read_bytes())
    damaged.write_bytes(content[: len(content) // 2])
    outcome = _upload(library, damaged)
    if (outcome["state"], outcome["code"]) != ("failed", "truncated"):
        raise ToolError(f"half a file is {outcome['state']}, {outcome['code']}, not failed, truncated")
    api = Api(library.site, library.token, library.http, Tuning(), lambda _: None)
    try:
        api.cancel_upload(outcome["id"])
        left = [upload["state"] for upload in api.get_uploads([outcome["id"]])]
    except Failure as failure:
        raise ToolError(f"the refused upload cannot be cancelled: {failure}") from failure
    if left:
        raise ToolError(f"the cancelled upload {outcome['id']} is still {left[0]}")


def _upload(library: Library, file: Path) -> dict[str, Any]:
    report = library.run(
        "upload",
        "--no-cache",
        "--json",
        "--tag",
        TAG,
        "--license",
        "CC0-1.0",
        "--description",
        "Lake Sherburne, put here by a test of the deployment",
        "--patience",
        str(library.patience),
        str(file),
    )
    (outcome,) = report["files"]
    return dict(outcome)


def _make_different(jpeg: bytes) -> bytes:
    """The same picture as a file that nobody has uploaded yet: with a comment in it."""
    comment = secrets.token_hex(16).encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


def _expect(answer: httpx2.Response, media_type: str, what: str) -> httpx2.Response:
    given = answer.headers.get("Content-Type", "").partition(";")[0]
    if (answer.status_code, given) != (200, media_type):
        raise ToolError(f"{what} is {answer.status_code} {given}, not 200 {media_type}")
    return answer
