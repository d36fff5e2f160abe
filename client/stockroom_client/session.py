"""What every command has: the options that name a library, and a session with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click
from rich.console import Console

from stockroom_client.api import Api
from stockroom_client.display import open_console, print_rows, printable
from stockroom_client.transport import is_secure, open_client
from stockroom_client.tuning import Tuning

DEFAULT_URL = "http://localhost:8000"


@dataclass(frozen=True)
class Session:
    """A library, and where results and notes for the user are printed."""

    api: Api
    results: Console
    notes: Console

    def note(self, text: str) -> None:
        """Tell the user something that is no result."""
        self.notes.print(printable(text))

    def show(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows as results, or a note when there are none."""
        if rows:
            print_rows(self.results, headings, rows)
        else:
            self.note("Nothing found.")


def with_session(command: Callable[..., None], *, needs_token: bool = True) -> Callable[..., None]:
    """A function for click that calls `command` with a Session, and the options --url, --token and --json."""

    @click.option(
        "--url", envvar="STOCKROOM_URL", show_envvar=True, default=DEFAULT_URL, help="The library's address."
    )
    @click.option(
        "--token",
        envvar="STOCKROOM_TOKEN",
        show_envvar=True,
        default="",
        show_default=False,
        help="A token or a sign-in link. Other users can see it here, but not in the environment.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
    @wraps(command)
    @click.pass_context
    def run(context: click.Context, /, url: str, token: str, **options: Any) -> None:
        if not is_secure(url):
            expected = f"an address like {DEFAULT_URL} or https://pictures.example.org is expected"
            reason = "other addresses than https and this machine's would show the token to others on the way"
            raise click.UsageError(f"--url {url}: {expected}; {reason}")
        # People often have a sign-in link at hand, which ends in the token.
        token = token.strip().rpartition("#token=")[2]
        if needs_token and not token:
            raise click.UsageError(
                "a token is needed: put a sign-in link, or what `make token` prints, into STOCKROOM_TOKEN"
            )
        results, notes = open_console(), open_console(stderr=True)
        with open_client() as http:
            tuning = context.ensure_object(Tuning)
            api = Api(url, token, http, tuning, lambda text: notes.print(printable(text)))
            command(Session(api, results, notes), **options)

    return run
