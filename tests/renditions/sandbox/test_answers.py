"""Answers that only a worker gives that a file has taken over."""

from typing import Any

import msgspec
import pytest

from stockroom.renditions import SOURCE_FORMATS, Rendered, Rendition, render
from stockroom.renditions.sandbox.answers import check_answer
from stockroom.renditions.sandbox.protocol import Decoded, Encoded, Fault, Rejected
from tests.renditions.hostile import CORPUS
from tests.renditions.images import photo_bytes, photo_of
from tests.renditions.rejecting import render_or_reject

SOUND = render(photo_bytes())


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
def test_what_is_rendered_is_possible(name: str) -> None:
    check_answer(Decoded(render(photo_of(name))))


def test_what_a_hostile_file_gives_is_possible() -> None:
    for hostile in CORPUS.values():
        outcome = render_or_reject(hostile.make())
        check_answer(
            Decoded(outcome) if isinstance(outcome, Rendered) else Rejected(outcome.code, outcome.sentence)
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"media_type": "text/html"},
        {"media_type": "image/png; charset=x"},
        {"width": 0},
        {"height": 100_000},
        {"color": "red"},
        {"color": "#ffffff\n"},
        {"thumbhash": bytes(26)},
        {"phash": -1},
        {"phash": 1 << 64},
        {"renditions": {}},
        {"renditions": {**SOUND.renditions, "../../index": SOUND.renditions["720p"]}},
    ],
)
def test_facts_that_cannot_be(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="impossible answer"):
        check_answer(Decoded(msgspec.structs.replace(SOUND, **changes)))


@pytest.mark.parametrize(
    "rendition",
    [
        Rendition(b"<script>", "text/html", 1, 1),
        Rendition(b"x", "image/jpeg", 0, 1),
        Rendition(b"x", "image/jpeg", 1, 721),
        Rendition(b"x", "image/jpeg", 5121, 1),
    ],
)
def test_renditions_that_cannot_be(rendition: Rendition) -> None:
    renditions = {**SOUND.renditions, "720p": rendition}
    with pytest.raises(ValueError, match="impossible answer"):
        check_answer(Decoded(msgspec.structs.replace(SOUND, renditions=renditions)))


def test_a_format_that_was_not_asked_for() -> None:
    check_answer(Encoded(dict(SOUND.renditions)), "jpeg")
    with pytest.raises(ValueError, match="a rendition's type"):
        check_answer(Encoded(dict(SOUND.renditions)), "webp")


def test_a_rejection_that_does_not_fit_into_a_row() -> None:
    with pytest.raises(ValueError, match="the sentence"):
        check_answer(Rejected("corrupt", "x" * 501))


def test_faults_may_say_anything() -> None:
    check_answer(Fault("x" * 10_000))
