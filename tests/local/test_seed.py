import json
import sys
from pathlib import Path

import pytest

from local import seed
from local.layout import Layout
from tooling.errors import ToolError


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "photos.json").write_text(json.dumps([{"file": "a.jpg"}, {"file": "b.jpg"}]))
    return folder


def client(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(seed, "CLIENT", (sys.executable, "-c", code))


def test_samples_are_sent_once(layout: Layout, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(
        monkeypatch,
        "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ['STOCKROOM_URL'], os.getcwd()]))",
    )
    said: list[str] = []
    assert seed.seed(layout, said.append, samples) == 2
    arguments, url, folder = json.loads(layout.log("seed").read_text())
    assert arguments == ["upload", "--no-cache", "--captions", "photos.json", "a.jpg", "b.jpg"]
    assert (url, Path(folder)) == (layout.url, samples)
    assert len(said) == 1
    assert seed.seed(layout, said.append, samples) == 0


def test_samples_that_failed_are_sent_again(
    layout: Layout, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(monkeypatch, "raise SystemExit('refused')")
    with pytest.raises(ToolError) as raised:
        seed.seed(layout, lambda _: None, samples)
    assert "refused" in raised.value.report()
    client(monkeypatch, "")
    assert seed.seed(layout, lambda _: None, samples) == 2
