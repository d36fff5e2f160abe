from datetime import UTC, datetime

import pytest

from jobs.errors import JobError
from jobs.selection import Selection, parse_selection
from stockroom.images import ids

ID = 1_800_000_000_000 << ids.RANDOM_BITS | 77


def first(*day: int) -> int:
    return ids.first_id(datetime(*day, tzinfo=UTC))  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("", Selection()),
        ("owner=7", Selection(owner=7)),
        (f"from={ids.encode(ID)} to={ids.encode(ID)}", Selection(after=ID - 1, until=ID)),
        (
            "from=2026-02-28 to=2026-02-28",
            Selection(after=first(2026, 2, 28) - 1, until=first(2026, 3, 1) - 1),
        ),
        ("from=2025-12 to=2026-12", Selection(after=first(2025, 12, 1) - 1, until=first(2027, 1, 1) - 1)),
        ("to=2025", Selection(until=first(2026, 1, 1) - 1)),
    ],
)
def test_both_ends_belong_to_what_is_selected(text: str, selection: Selection) -> None:
    assert parse_selection(text) == selection


@pytest.mark.parametrize(
    "text",
    [
        "owner=0",
        "owner=x",
        "owner=\uff14",
        "owner=5000000000",
        "from=",
        "from=2026-13",
        "from=2026-02-30",
        "to=9999",
        "to=1969",
        "from=1 OR 1=1",
        "state=ready",
        "ready",
        "from=2025 from=2026",
        "from=2026-02 to=2026-01",
    ],
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(JobError, match="WHERE"):
        parse_selection(text)
