"""The log lines of one picture, of all functions of one stack."""

import json
import time
from typing import Any

import boto3
import pytest

from infra.stage_file import StageFile
from operations import cli
from operations.picture_log import find_lines
from stockroom.images import ids
from stockroom.runtime.timestamps import now
from tests.operations.conftest import Stacks
from tests.operations.databases import REGION
from tooling.errors import ToolError

NUMBER = ids.first_id(now())
PICTURE, OTHER = ids.encode(NUMBER), ids.encode(NUMBER + 1)


@pytest.fixture
def logs(aws: Stacks) -> Any:  # noqa: ARG001  the groups are in that account
    return boto3.client("logs", region_name=REGION)


def write(logs: Any, group: str, *lines: tuple[int, str, str]) -> None:
    """Lines, each so many seconds after now, that name a picture."""
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    start = int(time.time() * 1000)
    events = [
        # As the functions write it: JSON alone escapes no more than the first control characters.
        {
            "timestamp": start + 1000 * at,
            "message": json.dumps({"message": text, "image_id": image_id}, ensure_ascii=False),
        }
        for at, text, image_id in lines
    ]
    logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)


def write_all(logs: Any, stack: str) -> None:
    write(logs, f"{stack}-FunctionsResizeLog0A1B2C3D-a", (20, "original", PICTURE), (20, "original", OTHER))
    write(logs, f"{stack}-FunctionsUploadUrlLog32DF9F0C-b", (10, "ticket", PICTURE), (30, "request", PICTURE))
    write(logs, f"{stack}-ApiAccessLog713001CC-c", (10, "no function's", PICTURE))


def test_lines_of_all_functions_come_in_the_order_of_time(logs: Any) -> None:
    write_all(logs, "Stockroom-trial")
    write_all(logs, "Stockroom-trial-2")
    lines = [line.split(maxsplit=1) for line in find_lines(logs, "Stockroom-trial", PICTURE)]
    assert [(name, json.loads(text)["message"]) for name, text in lines] == [
        ("uploadurl", "ticket"),
        ("resize", "original"),
        ("uploadurl", "request"),
    ]
    assert {json.loads(text)["image_id"] for _, text in lines} == {PICTURE}


def test_a_line_cannot_steer_the_terminal(logs: Any) -> None:
    write(logs, "Stockroom-trial-FunctionsResizeLog0A1B2C3D-a", (1, "libvips: \x9b2J\u202e", PICTURE))
    (line,) = find_lines(logs, "Stockroom-trial", PICTURE)
    assert json.loads(line.split(maxsplit=1)[1])["message"] == "libvips: \ufffd2J\ufffd"


def test_the_local_stacks_groups_have_other_names(logs: Any) -> None:
    write(logs, "/aws/cloudformation/Stockroom/FunctionsReaperLog0A1B2C3D", (1, "purged", PICTURE))
    (line,) = find_lines(logs, "Stockroom", PICTURE)
    assert line.startswith("reaper     {")


@pytest.mark.parametrize("image_id", ["", "photo.jpg", "1m8mpvcnb0000"])
def test_what_is_no_id_is_told(logs: Any, image_id: str) -> None:
    with pytest.raises(ToolError, match="is no picture's id: an id is the 13 characters"):
        find_lines(logs, "Stockroom", image_id)


def test_the_command_prints_the_lines_of_the_stage(
    stage: StageFile, logs: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "read_stage", lambda _: stage)
    write_all(logs, stage.stack_name)
    assert cli.main(["logs", "--stage", stage.name, "--id", PICTURE]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert cli.main(["logs", "--stage", stage.name, "--id", ids.encode(NUMBER + 2)]) == 0
    assert "no function has logged anything about" in capsys.readouterr().err
