"""`python -m local up|down|run|token|reap|logs|rotate`, with DATA and PORT from the environment."""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from local import keys, lambdas, logs, seed, stack
from local.errors import StackError
from local.layout import ROOT, Layout


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    # Absolute, because the parts run in other folders; relative to the checkout, where make runs.
    if not 0 < options.port < 65536:
        print(f"PORT={options.port}: must be between 1 and 65535", file=sys.stderr)
        return 2
    layout = Layout((ROOT / options.data).resolve(), options.port)
    try:
        COMMANDS[options.command](layout, options)
    except StackError as error:
        print(f"\n{error.report()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def say(text: str) -> None:
    print(f"» {text}", file=sys.stderr, flush=True)


def _up(layout: Layout, _options: argparse.Namespace) -> None:
    stack.up(layout, say)


def _down(layout: Layout, _options: argparse.Namespace) -> None:
    stack.down(layout, say)


def _run(layout: Layout, _options: argparse.Namespace) -> None:
    def interrupted(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        stack.up(layout, say)
        _seed(layout)
        token = keys.token(
            layout, subject="me", scopes="upload admin", days=keys.MAX_DAYS, name="Local operator"
        )
        print(f"\n  Stockroom    {layout.url}\n  sign in      {layout.url}/#token={token}\n", flush=True)
        say("logs follow; Ctrl-C stops the stack")
        for line in logs.follow(layout):
            print(line, flush=True)
    except KeyboardInterrupt:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(file=sys.stderr)
    finally:
        stack.down(layout, say)


def _seed(layout: Layout) -> None:
    try:
        if count := seed.seed(layout, say):
            say(f"{count} sample pictures are in the archive")
    except StackError as error:
        # The stack is there to find out why; the next start tries again.
        print(f"\n{error.report()}\n", file=sys.stderr)


def _token(layout: Layout, options: argparse.Namespace) -> None:
    print(
        keys.token(layout, subject=options.sub, scopes=options.scopes, days=options.days, name=options.name)
    )


def _rotate(layout: Layout, _options: argparse.Namespace) -> None:
    say(f"new signing key {keys.rotate(layout)}; `make up` publishes it")


def _reap(layout: Layout, _options: argparse.Namespace) -> None:
    print(json.dumps(lambdas.invoke(layout, "ReaperFunction"), indent=2))


def _logs(layout: Layout, _options: argparse.Namespace) -> None:
    for line in logs.follow(layout):
        print(line, flush=True)


COMMANDS = {
    "up": _up,
    "down": _down,
    "run": _run,
    "token": _token,
    "rotate": _rotate,
    "reap": _reap,
    "logs": _logs,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The local stack.")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--data", type=Path, default=os.environ.get("DATA") or ".stockroom")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
    parser.add_argument("--sub", default=os.environ.get("SUB", ""))
    parser.add_argument("--scopes", default=os.environ.get("SCOPES") or "upload")
    parser.add_argument("--days", type=float, default=os.environ.get("DAYS") or "1")
    parser.add_argument("--name", default="", help="how others see them (a pseudonym)")
    return parser
