"""The smoke test of a deployment, against the running stack."""

import pytest

from operations import smoke
from tests.integration.api import Person
from tests.integration.stack import LocalStack
from tooling.errors import ToolError

pytestmark = pytest.mark.integration


def count_pictures(stack: LocalStack) -> int:
    page = Person(stack, stack.token()).call("GET", f"/api/images?tag={smoke.TAG}&limit=100").json
    return len(page["images"])


def test_a_working_library_passes_and_gets_one_picture(stack: LocalStack) -> None:
    stack.make("smoke")
    before = count_pictures(stack)
    assert before >= 1
    said: list[str] = []
    smoke.smoke(stack.url, stack.token(smoke.SUBJECT), said.append)
    assert len(said) == 6
    assert count_pictures(stack) == before
    smoke.smoke(stack.url, stack.token(smoke.SUBJECT), said.append, is_new=True)
    assert count_pictures(stack) == before + 1


def test_without_a_token_only_what_everybody_may_see_is_tried(stack: LocalStack) -> None:
    said: list[str] = []
    smoke.smoke(stack.url, "", said.append)
    assert said[-1].startswith("without a token no upload was tried")


def test_a_token_that_may_not_upload_fails(stack: LocalStack) -> None:
    with pytest.raises(ToolError, match=r"`stockroom upload` failed: .*scope"):
        smoke.smoke(stack.url, stack.token(smoke.SUBJECT, "read"), lambda _: None)
