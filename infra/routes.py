"""The routes of a Chalice function, read from its code: a route is declared once, in its handler."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from tooling import ROOT


@dataclass(frozen=True, order=True)
class Route:
    path: str
    method: str


def chalice_routes(name: str) -> list[Route]:
    """Every (path, method) that functions/<name>/app.py answers, sorted."""
    app = _load(ROOT / "functions" / name / "app.py", f"functions.{name}.app").app
    return sorted(Route(path, method) for path, methods in app.routes.items() for method in methods)


def _load(path: Path, module_name: str):  # type: ignore[no-untyped-def]
    # By path: the handlers are all called app.py, since each is alone in its bundle.
    if module_name in sys.modules:
        return sys.modules[module_name]
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
