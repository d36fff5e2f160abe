import pickle

import pytest

from stockroom.renditions import REJECTION_CODES, ImageRejected
from stockroom.renditions.rejection import corrupt, too_much_memory, too_slow, truncated, undecodable


def test_a_rejection_survives_the_way_between_processes() -> None:
    rejected = ImageRejected("empty", "The file is empty.")
    copy = pickle.loads(pickle.dumps(rejected))  # noqa: S301
    assert (copy.code, copy.sentence, str(copy)) == (
        "empty",
        "The file is empty.",
        "empty: The file is empty.",
    )


@pytest.mark.parametrize("rejected", [corrupt(), too_much_memory(), too_slow(), truncated(), undecodable()])
def test_every_rejection_says_what_to_do(rejected: ImageRejected) -> None:
    assert rejected.code in REJECTION_CODES
    assert rejected.sentence.endswith(".")
    assert "upload" in rejected.sentence
