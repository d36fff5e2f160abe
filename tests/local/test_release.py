"""The files of a release; `make release` itself downloads its tools, and runs where releases are made."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from local import release
from stockroom import __version__
from tooling import ROOT


def test_everything_that_a_deployment_ships_has_a_bill() -> None:
    shipped = release.list_shipped()
    folders = {path.parent.name for path in ROOT.glob("functions/*/app.py")} | {"vips"}
    assert shipped.keys() == folders | {"chalice"}
    for requirements in shipped.values():
        assert re.search(r"^[a-z0-9-]+==", requirements.read_text(), re.MULTILINE)


def test_the_tag_of_another_version_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main({"RELEASE_TAG": f"v{__version__}.1"}) == 1
    assert f"is not that of the version {__version__}" in capsys.readouterr().err


def test_a_release_has_an_archive_the_command_line_and_bills(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(program: str, *arguments: str, cwd: Path = ROOT) -> str:
        for argument in arguments:
            name, _, path = argument.partition("=")
            if name in {"--output", "--output-file"}:
                Path(path).write_text(Path(program).name)
            if name == "--out-dir":
                (Path(path) / "client.whl").write_text("")
                # uv writes one into each folder that it builds into.
                (Path(path) / ".gitignore").write_text("*")
        return json.dumps({"bomFormat": "CycloneDX", "cwd": cwd.name})

    monkeypatch.setattr(release, "_run", run)
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "of-an-earlier-release").touch()
    release.make_release("1.2.3", folder)
    made = {path.name for path in folder.iterdir()}
    bills = {f"sbom-{name}.cdx.json" for name in [*release.list_shipped(), "page"]}
    assert made == {"stockroom-1.2.3.tar.gz", "client.whl", release.SUMS} | bills
    assert json.loads((folder / "sbom-page.cdx.json").read_text())["cwd"] == "frontend"
    for line in (folder / release.SUMS).read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
