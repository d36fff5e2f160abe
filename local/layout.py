"""Where everything of one stack lies. A running stack writes nothing outside `data`."""

import json
import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tooling.errors import ToolError
from tooling.ports import choose_free, is_free

# Servers are started side by side, and each may write its port and draw its secrets.
_PORTS_LOCK = threading.Lock()
_SECRETS_LOCK = threading.Lock()

DEFAULT_PORT = 8000


@dataclass(frozen=True)
class Layout:
    """One stack: its data folder, and the port at which browsers reach it."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def logs(self) -> Path:
        return self.folder("logs")

    @property
    def run(self) -> Path:
        """The folder with one record for each process of the stack."""
        return self.folder("run")

    @property
    def scratch(self) -> Path:
        return self.folder("tmp")

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def folder(self, *parts: str) -> Path:
        """A folder of the stack, made where it is missing. A new data folder is closed to other users.

        Raises ToolError where it cannot be made.
        """
        path = self.data.joinpath(*parts)
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ToolError(f"{path} cannot be made: {error.strerror}. Choose another DATA=") from error
        return path

    @property
    def keys(self) -> Path:
        """The folder of signing keys and secrets."""
        folder = self.folder() / "keys"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def secret(self, name: str) -> str:
        """A secret of this data folder, drawn at the first call."""
        path = self.keys / name
        with _SECRETS_LOCK:
            if not path.exists():
                write_text(path, secrets.token_urlsafe(24), mode=0o600)
        return path.read_text()

    def outputs(self) -> dict[str, str]:
        """The stack's outputs as CDK wrote them; empty before the first deployment."""
        outputs: dict[str, str] = read_json(self.data / "outputs.json").get("Stockroom", {})
        return outputs

    def port_of(self, server: str) -> int:
        """The internal port of a server of this stack; 0 before it has one."""
        return int(read_json(self._ports).get(server, 0))

    def ensure_port(self, server: str) -> int:
        """The internal port that a server had before; a new one if it had none or another program has it."""
        with _PORTS_LOCK:
            port = self.port_of(server)
            if not port or not is_free(port):
                ports = read_json(self._ports)
                # A server that is down just now is to have its port again.
                while (port := choose_free()) in ports.values():
                    pass
                write_json(self._ports, {**ports, server: port})
            return port

    @property
    def _ports(self) -> Path:
        return self.data / "ports.json"


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty when the file is absent or not whole."""
    try:
        value = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def write_json(path: Path, value: dict[str, Any]) -> None:
    write_text(path, json.dumps(value, indent=2) + "\n")


def write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace a file's content as a whole: whoever kills the process leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    draft.replace(path)


def deployed_port(data: Path) -> int | None:
    """The port at which the stack in a data folder was deployed last; None before its first deployment."""
    site = read_json(data / "outputs.json").get("Stockroom", {}).get("SiteUrl", "")
    return urlsplit(str(site)).port
