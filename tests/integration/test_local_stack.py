"""The local stack as people use it: kept up, killed, healed, two at a time."""

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import edge, emulator, mariadb, ports, processes
from local.layout import ROOT
from stockroom.ingest.reaper import Report
from tests.integration.stack import LocalStack, new_stack

pytestmark = pytest.mark.integration

PARTS = (mariadb.NAME, emulator.NAME, edge.NAME)


def get(url: str, *, method: str = "GET", **headers: str) -> tuple[dict[str, str], bytes]:
    """Headers (names in lower case) and body of an answer that must be a success."""
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def upload(stack: LocalStack, folder: Path) -> str:
    """The id of a picture nobody has uploaded before, now ready."""
    picture = folder / f"{secrets.token_hex(4)}.jpg"
    # What follows a JPEG's end is no part of the picture, and makes it another file.
    picture.write_bytes((ROOT / "samples" / "blue-periwinkle.jpg").read_bytes() + secrets.token_bytes(8))
    done = subprocess.run(
        [sys.executable, "-m", "stockroom_client", "upload", "--json", "--no-cache", str(picture)],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "client"),
            "STOCKROOM_URL": stack.url,
            "STOCKROOM_TOKEN": stack.token("local-stack"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = json.loads(done.stdout)["files"]
    assert file["state"] == "ready", file
    _wait_for_further_formats(stack, str(file["id"]))
    return str(file["id"])


def _wait_for_further_formats(stack: LocalStack, image_id: str) -> None:
    """They follow when a picture is ready; until they are there, what is stored of it still grows."""
    deadline = time.monotonic() + 30
    while "720p.webp" not in state(stack, image_id)["uploads"][0]["image"]["urls"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def state(stack: LocalStack, image_id: str) -> Any:
    """What the database says of an upload; such answers are cached nowhere."""
    url = f"{stack.url}/api/uploads?ids={image_id}"
    return json.loads(get(url, Authorization=f"Bearer {stack.token('local-stack')}")[1])


def renditions(stack: LocalStack, image_id: str) -> dict[str, str]:
    """Keys and ETags of what S3 holds of a picture."""
    found = stack.s3.list_objects_v2(Bucket=stack.outputs["ImagesBucket"], Prefix=f"i/{image_id}/")
    return {item["Key"]: item["ETag"] for item in found["Contents"]}


def kill(stack: LocalStack, part: str) -> int:
    """kill -9 the leader alone, as the worst that happens to it."""
    leader = processes.running(stack.layout, part)
    assert leader, part
    os.kill(leader, signal.SIGKILL)
    return leader


@pytest.fixture
def second(tmp_path: Path) -> Iterator[LocalStack]:
    stack = new_stack(tmp_path / "second", ports.choose(), STOCKROOM_TICKET_SECONDS="600")
    try:
        stack.make("up")
        yield stack
    finally:
        stack.make("down")


def test_pages_come_from_the_distribution(stack: LocalStack) -> None:
    headers, page = get(f"{stack.url}/")
    assert headers["content-type"].startswith("text/html")
    assert "content-security-policy" in headers
    assert get(f"{stack.url}/a/deep/link")[1] == page


def test_public_answers_are_cached_at_the_edge(stack: LocalStack) -> None:
    url = f"{stack.url}/api/images?q=edge{os.getpid()}"
    first, _ = get(url)
    again, _ = get(url)
    assert first["x-cache"] == "Miss from cloudfront"
    assert again["x-cache"] == "Hit from cloudfront"
    assert get(url, Authorization="Bearer nobody")[0]["x-cache"] == "Hit from cloudfront"


def test_scripts_are_compressed_and_kept_for_ever(stack: LocalStack) -> None:
    page = get(f"{stack.url}/")[1].decode()
    script = re.findall(r'src="(/assets/[^"]+\.js)"', page)[0]
    headers, _ = get(f"{stack.url}{script}", **{"Accept-Encoding": "gzip"})
    assert headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]


def test_heads_are_answered_for_pictures_and_are_no_route_of_the_api(
    stack: LocalStack, tmp_path: Path
) -> None:
    picture = f"{stack.url}/i/{upload(stack, tmp_path)}/v1/720p.jpg"
    headers, body = get(picture, method="HEAD")
    assert (headers["content-type"], body) == ("image/jpeg", b"")
    assert int(headers["content-length"]) == len(get(picture)[1])
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"{stack.url}/api/images", method="HEAD")


def test_a_token_is_printed_alone(stack: LocalStack) -> None:
    token = stack.make("token", SUB="alice", SCOPES="upload admin", DAYS="2").strip()
    answer, _ = get(f"{stack.url}/api/uploads", Authorization=f"Bearer {token}")
    assert answer["cache-control"] == "private, no-store"
    assert answer["x-cache"] == "Miss from cloudfront"


def test_the_reaper_can_be_run_at_once(stack: LocalStack) -> None:
    report = json.loads(stack.make("reap"))
    assert report.keys() == Report().asdict().keys()
    assert report["finished"]


def test_up_is_idempotent(stack: LocalStack) -> None:
    before = [processes.running(stack.layout, part) for part in PARTS]
    stack.make("up")
    assert [processes.running(stack.layout, part) for part in PARTS] == before


@pytest.mark.parametrize("victims", [*((part,) for part in PARTS), PARTS], ids="+".join)
def test_nothing_saved_is_lost_by_a_kill(stack: LocalStack, tmp_path: Path, victims: tuple[str, ...]) -> None:
    image_id = upload(stack, tmp_path)
    saved, stored = state(stack, image_id), renditions(stack, image_id)
    assert {f"i/{image_id}/v1/{size}.jpg" for size in ("240p", "720p")} <= stored.keys()
    leaders = {part: kill(stack, part) for part in victims}

    stack.make("up")

    for part, leader in leaders.items():
        assert processes.running(stack.layout, part) not in {0, leader}
        # Nobody of the old group is left to hold a port or a connection.
        assert processes.group_members(leader) == []
    assert state(stack, image_id) == saved
    assert renditions(stack, image_id) == stored
    assert get(f"{stack.url}/i/{image_id}/v1/240p.jpg")[1][:2] == b"\xff\xd8"


def test_the_pipeline_works_after_healing(stack: LocalStack, tmp_path: Path) -> None:
    kill(stack, emulator.NAME)
    stack.make("up")
    assert renditions(stack, upload(stack, tmp_path))


def test_a_taken_port_is_given_up_and_the_functions_learn_of_the_new_one(
    stack: LocalStack, tmp_path: Path
) -> None:
    image_id = upload(stack, tmp_path)
    saved = state(stack, image_id)
    stack.make("down")
    port = ports.remembered(stack.layout, mariadb.NAME)
    with socket.create_server((ports.HOST, port)):
        stack.make("up")
        assert ports.remembered(stack.layout, mariadb.NAME) != port
        assert state(stack, image_id) == saved


def test_two_stacks_share_nothing(stack: LocalStack, second: LocalStack, tmp_path: Path) -> None:
    image_id = upload(stack, tmp_path)
    assert json.loads(get(f"{second.url}/api/images")[1])["images"] == []
    ours = {ports.remembered(stack.layout, part) for part in (mariadb.NAME, emulator.NAME)}
    theirs = {ports.remembered(second.layout, part) for part in (mariadb.NAME, emulator.NAME)}
    assert not ours & theirs

    second.make("down")

    assert not any(processes.running(second.layout, part) for part in PARTS)
    assert all(processes.running(stack.layout, part) for part in PARTS)
    assert state(stack, image_id)
