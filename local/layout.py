"""Where everything of one stack lies. Nothing is written outside `data` while it runs."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Layout:
    """One stack: its folder and the port of its front door."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def loopback(self) -> str:
        """The front door by address, as presigned URLs name it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def logs(self) -> Path:
        return self.folder("logs")

    @property
    def run(self) -> Path:
        """Records of the processes that are ours."""
        return self.folder("run")

    @property
    def scratch(self) -> Path:
        return self.folder("tmp")

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def folder(self, *parts: str) -> Path:
        path = self.data.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def outputs(self) -> dict[str, str]:
        """The stack's outputs as CDK wrote them, empty before the first deployment."""
        outputs: dict[str, str] = read_json(self.data / "outputs.json").get("Stockroom", {})
        return outputs


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file, empty when the file is absent or was cut off."""
    try:
        value = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write whole or not at all: a kill between the two leaves the old file."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    draft.replace(path)
