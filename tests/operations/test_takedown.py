"""Take-downs and the change log, through the API."""

import pytest

from operations.takedown import read_log, take_down
from tests.operations.test_retry import PICTURE, Api, api  # noqa: F401  a fixture
from tooling.errors import ToolError


def test_pictures_are_taken_down_as_many_as_a_request_takes(api: tuple[str, type[Api]]) -> None:  # noqa: F811
    site, answers = api
    answers.answers += [(200, {"images": [{"id": PICTURE, "state": "taken-down"}]})] * 2
    taken = take_down(site, "token", ids=[PICTURE] * 51, reason="A court", same_content=True)
    assert taken == [{"id": PICTURE, "state": "taken-down"}] * 2
    assert [(len(body["ids"]), body["reason"], body["same_content"]) for body in answers.bodies] == [
        (50, "A court", True),
        (1, "A court", True),
    ]
    assert answers.paths == ["/api/images/takedown"] * 2


@pytest.mark.parametrize(
    ("ids", "reason", "said"),
    [
        ([], "A court", "IDS= and REASON="),
        ([PICTURE], " ", "IDS= and REASON="),
        (["photo.jpg"], "A court", "'photo.jpg' is no picture's id"),
    ],
)
def test_without_pictures_and_a_reason_nothing_is_asked(ids: list[str], reason: str, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        take_down("http://127.0.0.1:1", "token", ids=ids, reason=reason, same_content=False)


def test_the_log_is_read_page_by_page(api: tuple[str, type[Api]]) -> None:  # noqa: F811
    site, answers = api
    answers.answers += [
        (200, {"entries": [{"id": "3"}, {"id": "2"}], "next": "2"}),
        (200, {"entries": [{"id": "1"}], "next": None}),
    ]
    assert [entry["id"] for entry in read_log(site, "token", image=PICTURE)] == ["3", "2", "1"]
    assert answers.paths == [
        f"/api/log?limit=100&image={PICTURE}",
        f"/api/log?limit=100&image={PICTURE}&cursor=2",
    ]
    with pytest.raises(ToolError, match="no picture's id"):
        list(read_log(site, "token", image="x&y"))
