"""What a rehearsal calls a recovery; tests/integration/test_archive.py has a whole one."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import drill as module
from local import emulator, mariadb
from local.drill import Drill, drill
from local.layout import Layout
from tooling.errors import ToolError


class Copy(Drill):
    """A rehearsal whose copy is three rows and two objects in memory."""

    pictures = (1, 2, 3)
    broken = ""
    """The step that does not do what it should."""

    def run(self) -> None:
        vars(self)["state"] = SimpleNamespace(
            rows=set(self.pictures), objects={("b", "k1"): "1", ("b", "k2"): "2"}
        )
        super().run()

    @property
    def state(self) -> Any:
        return vars(self)["state"]

    def _copy_rows(self) -> int:
        return len(self.state.rows)

    def _copy_objects(self) -> module.Objects:
        return dict(self.state.objects)

    def _list_copies(self) -> module.Objects:
        return dict(self.state.objects)

    def _find_pictures(self) -> list[int]:
        return sorted(self.state.rows)[:1]

    def _checksum_tables(self) -> dict[str, int]:
        return {"image": hash(frozenset(self.state.rows))}

    def _audit(self) -> str:
        return "nothing" if self.broken == "audit" else f"{len(self.state.rows)} rows"

    def _back_up(self) -> None:
        self.state.backup = set(self.state.rows)

    def _lose(self, pictures: list[int], objects: module.Objects) -> list[tuple[str, str]]:
        self.state.rows -= set(pictures)
        lost = min(objects)
        del self.state.objects[lost]
        return [lost]

    def _restore(self) -> None:
        if self.broken != "restore":
            self.state.rows = self.state.backup

    def _copy_object(self, bucket: str, key: str) -> None:
        if self.broken != "objects":
            self.state.objects[bucket, key] = "1"


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A stack that seems to run, and whose copy seems to start."""
    monkeypatch.setattr(module, "Drill", Copy)
    monkeypatch.setattr(emulator, "check_running", lambda _: None)
    for part in (mariadb, emulator):
        monkeypatch.setattr(part, "ensure", lambda copy: bool(copy.logs))
    return Layout(tmp_path, 1)


def test_a_copy_that_is_what_it_was_is_a_recovery(layout: Layout) -> None:
    said: list[str] = []
    drill(layout, said.append)
    assert said[-2].endswith("every table has its checksum of before, and all 2 objects are there")
    assert all(line[:8].endswith(" s") for line in said)
    assert not (layout.data / "drill").exists()


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("audit", "the audit has noticed nothing"),
        ("restore", "the copy is not what it was before"),
        ("objects", "the copy is not what it was before"),
    ],
)
def test_anything_else_is_none(layout: Layout, monkeypatch: pytest.MonkeyPatch, step: str, said: str) -> None:
    monkeypatch.setattr(Copy, "broken", step)
    with pytest.raises(ToolError, match=said):
        drill(layout, lambda _: None)
    assert not (layout.data / "drill").exists()


def test_a_library_without_pictures_has_nothing_to_lose(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Copy, "pictures", ())
    with pytest.raises(ToolError, match="no picture that could be lost"):
        drill(layout, lambda _: None)
