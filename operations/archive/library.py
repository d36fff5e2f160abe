"""A running library as the commands of this package reach it, on AWS or on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

Say = Callable[[str], None]


@dataclass(frozen=True)
class Library:
    """`ask` puts a question to the database (stockroom/ingest/questions.py).

    `make_token` makes a sign-in token by which somebody may upload, from their subject and their name.
    """

    site: str
    s3: Any
    uploads_bucket: str
    ask: Callable[[dict[str, Any]], Any]
    make_token: Callable[[str, str], str]


class Bar(Progress):
    """A bar of bytes on a terminal; nothing elsewhere, where the line at the end has to do."""

    def __init__(self, file: IO[str]) -> None:
        console = Console(file=file, markup=False, emoji=False, highlight=False)
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
