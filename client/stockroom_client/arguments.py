"""The command line."""

import argparse
import os
from pathlib import Path
from urllib.parse import urlsplit

from stockroom_client import __version__

DEFAULT_URL = "http://localhost:8000"


def parse(arguments: list[str]) -> argparse.Namespace:
    """The arguments, checked; leaves with status 2 and a message when they are wrong."""
    parser = argparse.ArgumentParser(prog="stockroom", description="Client of a Stockroom picture library.")
    parser.add_argument("--version", action="version", version=f"stockroom {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = _common()
    _upload(commands.add_parser("upload", parents=[common], help="upload files and folders"))
    _search(commands.add_parser("search", parents=[common], help="find pictures"))
    _status(commands.add_parser("status", parents=[common], help="what became of my uploads"))
    options = parser.parse_args(arguments)
    parts = urlsplit(options.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        parser.error(f"--url {options.url}: an address like {DEFAULT_URL} is expected")
    # A sign-in link is what people have at hand: it ends in the token.
    options.token = options.token.strip().rpartition("#token=")[2]
    if options.command != "search" and not options.token:
        parser.error("a token is needed: --token or the environment variable STOCKROOM_TOKEN")
    return options


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--url",
        default=os.environ.get("STOCKROOM_URL", DEFAULT_URL),
        help=f"the library (environment: STOCKROOM_URL; default: {DEFAULT_URL})",
    )
    common.add_argument(
        "--token",
        default=os.environ.get("STOCKROOM_TOKEN", ""),
        help="token or sign-in link (environment: STOCKROOM_TOKEN, which others on this machine cannot see)",
    )
    common.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    return common


def _upload(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE-OR-FOLDER")
    parser.add_argument(
        "--captions",
        type=Path,
        metavar="FILE.json",
        help='a list of {"file", "name", "description", "tags", "license", "credit"}',
    )
    parser.add_argument("--tag", action="append", default=[], help="a tag for all files (may be repeated)")
    parser.add_argument("--description", help="a description for all files; its #hashtags become tags")
    parser.add_argument("--license", help="SPDX identifier such as CC-BY-4.0, or all-rights-reserved")
    parser.add_argument("--credit", help="whom to name beside the pictures")
    parser.add_argument("--jobs", type=_jobs, default=4, metavar="N", help="files sent at once (default 4)")
    parser.add_argument(
        "--wait",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="wait until the pictures are ready, not only uploaded (default: wait)",
    )
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=900.0,
        metavar="SECONDS",
        help="give up waiting after so long without any news (default 900)",
    )
    parser.add_argument(
        "--cache",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="remember the hashes of files in the user's cache folder (default: remember)",
    )


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="WORD", help='words, "phrases", #tags, -without')
    parser.add_argument("--tag", action="append", default=[], help="any of these tags (may be repeated)")
    parser.add_argument("--limit", type=_count, default=20, metavar="N", help="at most so many (default 20)")


def _status(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these uploads")
    parser.add_argument("--limit", type=_count, default=20, metavar="N", help="at most so many (default 20)")


def _jobs(text: str) -> int:
    if not 1 <= int(text) <= 32:
        raise argparse.ArgumentTypeError("between 1 and 32")
    return int(text)


def _count(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return int(text)


def _seconds(text: str) -> float:
    if not 0 < float(text) < float("inf"):
        raise argparse.ArgumentTypeError("more than 0")
    return float(text)
