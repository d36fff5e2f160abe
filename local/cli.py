"""The command line of the local stack: `python -m local --data DIR --port N up|down|run|token|…`."""

import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.stage_file import STACK
from local import emulator, jobs, keys, lambdas, logs, seed, stack
from local.layout import DEFAULT_PORT, Layout, deployed_port
from operations import job_options
from operations import redrive as dead_letters
from operations.archive import options as archive_options
from operations.audit_summary import summarise
from operations.picture_log import find_lines
from operations.retry import retry
from operations.takedown import read_log, take_down
from tooling import ROOT
from tooling.command_line import run_commands
from tooling.errors import ToolError
from tooling.ports import HOST

# What only one command needs is imported by this command: the others would wait for it.
if TYPE_CHECKING:
    from operations.archive.library import Library

MOVING = ("up", "run")
"""The commands that bring a stack to another port."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    return run_commands(commands, "python -m local", arguments)


@click.group(context_settings={"show_default": True})
@click.option("--data", type=Path, default=".stockroom", envvar="DATA", show_envvar=True, help="Its folder.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=None,
    envvar="PORT",
    show_envvar=True,
    show_default=f"that of before, or {DEFAULT_PORT}",
    help="Where browsers reach it.",
)
@click.pass_context
def commands(context: click.Context, data: Path, port: int | None) -> None:
    """The local stack."""
    # Absolute, because the parts run in other folders; relative to the checkout, where make runs.
    folder = (ROOT / data).resolve()
    before = deployed_port(folder)
    if port and before and port != before and context.invoked_subcommand not in MOVING:
        raise ToolError(
            f"the stack in {folder} is at port {before}, not {port}: leave PORT out, or give PORT={before}"
        )
    context.obj = Layout(folder, port or before or DEFAULT_PORT)


@commands.command()
@click.pass_obj
def up(layout: Layout) -> None:
    """Start everything in the background; returns when it answers."""
    stack.up(layout, say)


@commands.command()
@click.pass_obj
def down(layout: Layout) -> None:
    """Stop what `up` started; nothing saved is lost."""
    stack.down(layout, say)


@commands.command()
@click.pass_obj
def run(layout: Layout) -> None:
    """Start everything, with sample pictures, and follow the logs until Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        stack.up(layout, say)
        _seed(layout)
        sign_in = keys.token(
            layout, subject="me", scopes="read upload admin", days=keys.MAX_DAYS, name="Local operator"
        )
        click.echo(f"\n  Stockroom    {layout.url}\n  sign in      {layout.url}/#token={sign_in}\n")
        say("logs follow; Ctrl-C stops the stack")
        for line in logs.follow(layout):
            click.echo(line)
    except KeyboardInterrupt:
        # A second Ctrl-C must not leave half of the stack running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        click.echo(err=True)
    finally:
        stack.down(layout, say)


@commands.command("keys")
@click.pass_obj
def show_keys(layout: Layout) -> None:
    """Have a signing key, and publish all public halves and a deny-list where the stack runs."""
    for line in keys.show(layout):
        say(line)


@commands.command()
@click.option("--sub", default="", envvar="SUB", help="Who it is for.")
@click.option("--scopes", default="read upload", envvar="SCOPES", help="What it allows: read, upload, admin.")
@click.option("--days", type=float, default=1, envvar="DAYS", help=f"Its lifetime, at most {keys.MAX_DAYS}.")
@click.option("--name", default="", help="How others see its holder (otherwise by a pseudonym).")
@click.pass_obj
def token(layout: Layout, sub: str, scopes: str, days: float, name: str) -> None:
    """Print a sign-in token."""
    click.echo(keys.token(layout, subject=sub, scopes=scopes, days=days, name=name))


@commands.command()
@click.pass_obj
def rotate(layout: Layout) -> None:
    """Make a new signing key; tokens of the old one stay valid."""
    say(f"new signing key {keys.rotate(layout)}; tokens of the old one stay valid")


@commands.command()
@click.option("--kid", default="", help="The key's id.")
@click.pass_obj
def withdraw(layout: Layout, kid: str) -> None:
    """Accept no token of a signing key any more; the newest other key signs, or a new one."""
    current = keys.withdraw(layout, kid)
    say(f"the key {kid} is withdrawn within ten minutes; new tokens are signed by {current}")


@commands.command()
@click.option("--jti", default="", help="A token, or its id.")
@click.option("--sub", default="", help="All tokens of this person, also later ones.")
@click.option("--issuer", default="", help="The issuer of the person's tokens (otherwise the operator).")
@click.pass_obj
def revoke(layout: Layout, jti: str, sub: str, issuer: str) -> None:
    """Put a token, or a person, on the deny-list."""
    say(f"{keys.revoke(layout, jti=jti, named_issuer=issuer, subject=sub)}, within ten minutes")


@commands.command()
@click.pass_obj
def reap(layout: Layout) -> None:
    """Run the reaper once, now, and print what it did."""
    click.echo(json.dumps(lambdas.invoke(layout, "ReaperFunction"), indent=2))


@commands.command()
@click.option(
    "--repair", is_flag=True, help="Also delete what belongs to nothing, and render what is missing."
)
@click.option("--spark", "on_spark", is_flag=True, help="In parts side by side, as a job on Spark.")
@job_options.resuming
@click.pass_obj
def audit(layout: Layout, repair: bool, on_spark: bool, run: str) -> None:
    """Compare buckets and table, and print what is wrong."""
    if on_spark:
        raise SystemExit(jobs.run(layout, ["audit", *job_options.hand_on(run=run, repair=repair)]))
    if run:
        raise ToolError("RUN= is the run of a job: give SPARK=1 with it")
    report: dict[str, Any] = {"finished": False}
    while not report["finished"]:
        report = lambdas.invoke(layout, "AuditFunction", {"repair": repair})
    click.echo(json.dumps(report, indent=2))
    say(summarise(report))
    if report["refused"]:
        raise ToolError(str(report["refused"]))


@commands.command()
@job_options.differing
@click.pass_obj
def reindex(layout: Layout, may_differ: bool) -> None:
    """Build the search index anew, and put it in place of the old one."""
    raise SystemExit(jobs.run(layout, ["reindex", *job_options.hand_on(may_differ=may_differ)]))


@commands.command()
@job_options.selecting
@job_options.resuming
@job_options.limiting
@job_options.trying
@click.pass_obj
def rerender(layout: Layout, where: str, run: str, rate: str, is_dry: bool) -> None:
    """Make the renditions of older pictures anew."""
    arguments = job_options.hand_on(where=where, run=run, rate=rate, is_dry=is_dry)
    raise SystemExit(jobs.run(layout, ["rerender", *arguments]))


@commands.command("rerender-cleanup")
@job_options.resuming
@job_options.trying
@click.pass_obj
def clean_up(layout: Layout, run: str, is_dry: bool) -> None:
    """Delete the renditions of older versions."""
    raise SystemExit(jobs.run(layout, ["cleanup", *job_options.hand_on(run=run, is_dry=is_dry)]))


@commands.command()
@job_options.selecting
@job_options.choosing_facts
@job_options.resuming
@job_options.limiting
@job_options.trying
@click.pass_obj
def facts(layout: Layout, /, **given: Any) -> None:
    """Derive once more what is known of pictures from their files."""
    raise SystemExit(jobs.run(layout, ["facts", *job_options.hand_on(**given)]))


@commands.command("job", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def run_job(layout: Layout, arguments: tuple[str, ...]) -> None:
    """Run a batch job on Spark on this machine (`python -m jobs` says which there are)."""
    raise SystemExit(jobs.run(layout, arguments))


@commands.command()
@archive_options.question
@click.pass_obj
def ask(layout: Layout, question: str, picture: str) -> None:
    """Print the answer of the database to a question."""
    answer = lambdas.invoke(layout, "AuditFunction", archive_options.event(question, picture))
    click.echo(json.dumps(answer["rows"], indent=2, ensure_ascii=False))


@commands.command("export")
@archive_options.export
@click.pass_obj
def export_library(layout: Layout, folder: Path, prune: bool) -> None:
    """Write every original, what is said about it, and checksums into a folder."""
    from operations.archive.export import export

    export(_open_library(layout), folder, say, prune=prune)


@commands.command("import")
@archive_options.importing
@click.pass_obj
def import_library(layout: Layout, folder: Path, map_file: str, sub: str, partial: bool) -> None:
    """Upload the pictures of an export."""
    from operations.archive.importing import import_export

    import_export(_open_library(layout), folder, say, map_file=map_file, subject=sub, is_partial=partial)


@commands.command("adopt")
@archive_options.adopting
@click.pass_obj
def adopt_collection(layout: Layout, source: str, captions: str, sub: str, journal: str) -> None:
    """Upload a folder, or the objects of a bucket."""
    from operations.archive.adopt import adopt

    library = _open_library(layout)
    adopt(library, source, say, captions=captions, subject=sub, journal=journal)


@commands.command("retry")
@click.option("--ids", default="", help="Failed uploads, their ids separated by commas.")
@click.option("--code", default="", help="All uploads that failed for this reason.")
@click.pass_obj
def retry_uploads(layout: Layout, ids: str, code: str) -> None:
    """Have failed uploads processed again: some, those with one reason, or all."""
    emulator.check_running(layout)
    token = keys.token(layout, subject="operator", scopes="admin", days=1 / 24)
    site = f"http://{HOST}:{layout.port}"
    states = retry(site, token, ids=ids.replace(",", " ").split(), code=code)
    if not states:
        say("no upload has failed" + (f" with the code {code}" if code else ""))
    click.echo(json.dumps(states, indent=2))


@commands.command("takedown")
@click.option("--ids", default="", help="Pictures, their ids separated by commas.")
@click.option("--reason", default="", help="Why; the log keeps it.")
@click.option("--same-content", is_flag=True, help="Also whatever else has the same content.")
@click.pass_obj
def take_pictures_down(layout: Layout, ids: str, reason: str, same_content: bool) -> None:
    """Delete pictures at once and for good, and refuse their contents from now on."""
    emulator.check_running(layout)
    token = keys.token(layout, subject="operator", scopes="admin", days=1 / 24)
    site = f"http://{HOST}:{layout.port}"
    listed = ids.replace(",", " ").split()
    answers = take_down(site, token, ids=listed, reason=reason, same_content=same_content)
    click.echo(json.dumps(answers, indent=2))


@commands.command("log")
@click.option("--id", "image_id", default="", help="Only what is about this picture.")
@click.pass_obj
def print_log(layout: Layout, image_id: str) -> None:
    """Print the change log, the newest entries first, as lines of JSON."""
    emulator.check_running(layout)
    token = keys.token(layout, subject="operator", scopes="admin", days=1 / 24)
    for entry in read_log(f"http://{HOST}:{layout.port}", token, image=image_id):
        click.echo(json.dumps(entry, ensure_ascii=False))


@commands.command()
@click.pass_obj
def redrive(layout: Layout) -> None:
    """Send dead letters back to their queue."""
    emulator.check_running(layout)
    outputs = layout.outputs()
    count = dead_letters.redrive(
        emulator.client(layout, "sqs"), outputs["DeadLetterQueueUrl"], outputs["QueueUrl"]
    )
    click.echo(json.dumps({"redriven": count}, indent=2))


@commands.command("smoke")
@click.option("--new-picture", is_flag=True, help="Upload a picture that the library does not have.")
@click.pass_obj
def smoke_test(layout: Layout, new_picture: bool) -> None:
    """Try the page, the API, and the whole way of a picture."""
    # The library's command line has a path of its own, which `make smoke` adds.
    from operations import smoke

    emulator.check_running(layout)
    token = keys.token(layout, subject=smoke.SUBJECT, scopes="read upload", days=1, name="Smoke test")
    smoke.smoke(layout.url, token, say, is_new=new_picture)


@commands.command()
@click.pass_obj
def drill(layout: Layout) -> None:
    """Rehearse a recovery on a copy of the library."""
    from local import drill as recovery

    recovery.drill(layout, click.echo)


@commands.command("logs")
@click.option("--id", "image_id", default="", help="A picture's id.")
@click.pass_obj
def show_logs(layout: Layout, image_id: str) -> None:
    """Follow the logs of a running stack, or print what was logged about one picture."""
    emulator.check_running(layout)
    lines = find_lines(emulator.client(layout, "logs"), STACK, image_id) if image_id else logs.follow(layout)
    for line in lines:
        click.echo(line)


def _open_library(layout: Layout) -> "Library":
    from operations.archive.library import Library

    emulator.check_running(layout)
    return Library(
        site=layout.url,
        s3=emulator.client(layout, "s3"),
        uploads_bucket=layout.outputs()["UploadsBucket"],
        ask=lambda event: lambdas.invoke(layout, "AuditFunction", event),
        make_token=lambda subject, name: keys.token(
            layout, subject=subject, scopes="upload", days=1, name=name
        ),
    )


def say(text: str) -> None:
    """Tell the person at the terminal how far a command is; standard output is for its result alone."""
    print(f"» {text}", file=sys.stderr, flush=True)


def _seed(layout: Layout) -> None:
    try:
        if count := seed.seed(layout, say):
            say(f"{count} sample pictures are in the library")
    except ToolError as error:
        # The stack stays up, so that the cause can be found; the next start tries again.
        click.echo(f"\n{error.report()}\n", err=True)
