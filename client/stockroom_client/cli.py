"""The commands. Exit status: 0 all is well, 1 something failed, 2 wrong usage, 130 interrupted."""

import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec
import platformdirs

from stockroom_client import __version__
from stockroom_client.captions import Captions, read_captions
from stockroom_client.contract import Changed, Image, Upload
from stockroom_client.discovery import discover
from stockroom_client.display import UploadDisplay, open_console, printable, summarize
from stockroom_client.download import download_original
from stockroom_client.editing import Change, apply_edits, read_edits
from stockroom_client.failures import Failure
from stockroom_client.hashing import HashCache
from stockroom_client.local_file import LocalFile, State
from stockroom_client.session import Session, with_session
from stockroom_client.uploader import Uploader

MAX_BATCH = 100  # files of one request
INTERRUPTED = 130


def main() -> None:
    """The program `stockroom`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    stockroom(prog_name="stockroom")


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and say in one line why it could not end."""
        try:
            return super().invoke(ctx)
        except Failure as failure:
            message, status = f"stockroom: {failure}", 1
        except KeyboardInterrupt:
            message, status = "Stopped.", INTERRUPTED
        open_console(stderr=True).print(printable(message))
        return ctx.exit(status)


@click.group(cls=_Group, context_settings={"show_default": True})
@click.version_option(__version__, message="stockroom %(version)s")
def stockroom() -> None:
    """Upload pictures to a Stockroom library, find and download pictures, and see what became of uploads."""


def _read_captions(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Captions:
    try:
        return read_captions(path) if path else Captions([], Path())
    except Failure as failure:
        raise click.BadParameter(str(failure)) from failure


PATH = click.Path(path_type=Path)
SECONDS = click.FloatRange(0, min_open=True)
CAPTIONS_HELP = (
    "Metadata of single files, as a JSON list or a CSV table: file, name, description, tags, license, "
    "credit, creator, copyright, usage_terms, license_url, place, embargo, expires."
)


def tag_option(
    explanation: str, option: str = "--tag", name: str = "tags"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option that gives a list of tags, and may be repeated."""
    return click.option(
        option,
        name,
        multiple=True,
        metavar="TAG",
        callback=lambda _context, _parameter, tags: [tag.removeprefix("#") for tag in tags],
        help=explanation,
    )


limit_option = click.option("--limit", type=click.IntRange(1), default=20, help="At most so many.")


@stockroom.command()
@click.argument("paths", nargs=-1, required=True, type=PATH, metavar="FILE-OR-FOLDER...")
@tag_option("A tag for all files (may be repeated).")
@click.option("--description", help="A description for all files; its #hashtags become tags.")
@click.option("--license", help="SPDX identifier such as CC-BY-4.0, or all-rights-reserved, for all files.")
@click.option("--credit", help="Whom to name beside the pictures.")
@click.option("--creator", help="Who made the pictures.")
@click.option("--copyright", help="The copyright notice.")
@click.option("--usage-terms", help="What the use of the pictures is bound to.")
@click.option("--license-url", metavar="URL", help="Where licence or usage terms can be read.")
@click.option("--place", help="Where the pictures were taken.")
@click.option("--embargo", metavar="MOMENT", help="Nobody sees them before: 2027-05-01T12:00:00Z, say.")
@click.option("--expires", metavar="MOMENT", help="Nobody sees them from then on.")
@click.option("--captions", type=PATH, callback=_read_captions, metavar="FILE", help=CAPTIONS_HELP)
@click.option("--jobs", type=click.IntRange(1, 32), default=4, help="How many files are sent at once.")
@click.option("--wait/--no-wait", default=True, help="Wait until the pictures are ready, not only uploaded.")
@click.option(
    "--patience", type=SECONDS, default=900.0, help="Seconds without any progress until it gives up."
)
@click.option("--cache/--no-cache", default=True, help="Remember hashes, so that a second run is quick.")
@with_session
def upload(
    session: Session,
    *,
    paths: Sequence[Path],
    captions: Captions,
    jobs: int,
    wait: bool,
    patience: float,
    cache: bool,
    as_json: bool,
    **metadata: Any,
) -> None:
    """Upload files and whole folders.

    Each file succeeds or fails alone. After an interruption or a failure, the same command does the rest.
    """
    config = session.api.get_config()
    session.api.list_uploads(1)  # A wrong token is found before gigabytes are hashed.
    files, others = discover(paths, config, captions)
    for name in captions.unused():
        session.note(f"No file for the caption of {name}")
    shared = {name: value for name, value in metadata.items() if value not in (None, [])}
    display = UploadDisplay(files, session.notes, None if as_json else session.results)
    hashes = HashCache(platformdirs.user_cache_path("stockroom") / "hashes.json" if cache else None)
    try:
        with display.bars:
            batch = min(MAX_BATCH, config.max_files)
            Uploader(session.api, hashes, display, shared, batch, jobs, wait, patience).run(files)
    finally:
        hashes.save()
        ended = sum(file.has_ended for file in files)
        if ended < len(files):
            session.note(f"{ended} of {len(files)} done. The same command again does the rest.")
    if as_json:
        click.echo(json.dumps(_report(files, others), indent=1))
    else:
        session.results.print(summarize(files, others))
    if any(file.state is State.FAILED for file in files):
        raise click.exceptions.Exit(1)


def _report(files: Sequence[LocalFile], others: int) -> dict[str, object]:
    """How each file has ended, for programs."""
    fields = ("state", "id", "url", "sha256", "code", "detail")
    entries = [
        {"file": str(file.path)} | {name: getattr(file, name) or None for name in fields} for file in files
    ]
    counts = Counter(file.state for file in files)
    return {"files": entries, "counts": counts, "passed_over": others}


@stockroom.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="[WORD]...")
@tag_option("Any of these tags (may be repeated).")
@limit_option
@partial(with_session, needs_token=False)
def search(session: Session, words: Sequence[str], tags: Sequence[str], limit: int, as_json: bool) -> None:
    """Find pictures.

    By words, "phrases", #tags, and -words that a picture must not have. Quotes keep the shell away from them:
    stockroom search berlin '"the wall"' '#night' -fence
    """
    for word in words:
        if word.startswith("--"):
            raise click.NoSuchOption(word)
    query = [("q", " ".join(words))] if words else []
    page = session.api.search_images([*query, *(("tag", tag) for tag in tags)], limit)
    if as_json:
        click.echo(
            json.dumps({"images": page.images, "relaxed": page.relaxed, "related": page.related}, indent=1)
        )
        return
    if page.relaxed:
        session.note("Nothing has all of that; these have some of it.")
    for word, related in page.related.items():
        session.note(f"Nothing has “{word}”; it was taken for {', '.join(related)}.")
    images = session.api.parse(Image, page.images)
    session.show(
        ("Id", "Name", "Link"), [(image.id, image.name, session.api.link(image)) for image in images]
    )


@stockroom.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@limit_option
@with_session
def status(session: Session, ids: Sequence[str], limit: int, as_json: bool) -> None:
    """See what has become of uploads.

    These are the newest ones, or those with the given ids.
    """
    uploads = session.api.get_uploads(ids) if ids else session.api.list_uploads(limit)
    if as_json:
        click.echo(json.dumps({"uploads": uploads}, indent=1))
        return
    rows = []
    for item in session.api.parse(Upload, uploads):
        name = f"{item.name} ({item.file_name})" if item.file_name not in ("", item.name) else item.name
        name = f"{name}: {item.error.detail}" if item.error else name
        rows.append((item.id, f"{item.state:7}", name, session.api.link(item.image) if item.image else ""))
    session.show(("Id", "State", "Name", "Link"), rows)


CLEARABLE = (
    "description", "credit", "tags", "creator", "copyright", "usage_terms", "license_url", "place", "embargo",
    "expires",
)  # fmt: skip
TABLE_HELP = (
    "Changes of single pictures, as a CSV table or a JSON list: id, and the fields that become others."
)


@stockroom.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--search", "query", metavar="QUERY", help="The pictures that a search finds.")
@click.option("--table", type=PATH, metavar="FILE", help=TABLE_HELP)
@click.option("--limit", type=click.IntRange(1), default=500, help="At most so many pictures of a search.")
@click.option("--name", help="Another title.")
@click.option("--description", help="Another description; its #hashtags become tags.")
@click.option("--license", help="Another licence: SPDX identifier, or all-rights-reserved.")
@click.option("--credit", help="Whom to name beside the pictures.")
@click.option("--creator", help="Who has made the pictures.")
@click.option("--copyright", help="Another copyright notice.")
@click.option("--usage-terms", help="How the pictures may be used, in words.")
@click.option("--license-url", help="Where the licence or its conditions can be read.")
@click.option("--place", help="Where the pictures were taken, in words.")
@click.option("--embargo", help="The pictures are hidden before then, such as 2027-05-01T12:00:00Z.")
@click.option("--expires", help="The pictures are hidden from then on.")
@tag_option("Tags in place of all others (may be repeated).")
@tag_option("A tag more (may be repeated).", "--add-tag", "add_tags")
@tag_option("A tag less (may be repeated).", "--remove-tag", "remove_tags")
@click.option("--clear", multiple=True, type=click.Choice(CLEARABLE), help="Leave a field empty.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@with_session
def edit(
    session: Session,
    *,
    ids: Sequence[str],
    query: str | None,
    table: Path | None,
    limit: int,
    clear: Sequence[str],
    dry_run: bool,
    as_json: bool,
    **fields: Any,
) -> None:
    """Edit the metadata of pictures, which are named by ids, found by a search, or listed in a table.

    Each picture succeeds or fails alone. The same command again does no harm.
    """
    if sum(map(bool, (ids, query, table))) != 1:
        raise click.UsageError("name the pictures in one way: by ids, --search or --table")
    given = {name: value for name, value in fields.items() if value not in (None, [])}
    given |= {name: [] if name == "tags" else "" for name in clear}
    change = Change(**given)
    if bool(given) == bool(table):
        raise click.UsageError("say what is to change, either by options or by --table")
    if table:
        edits = read_edits(table)
    else:
        found = session.api.search_images([("q", query)], limit).images if query else []
        edits = [(str(image["id"]), change) for image in found] or [(each, change) for each in ids]
    if dry_run:
        rows = [_preview(session, image_id, each) for image_id, each in edits]
    else:
        answers = apply_edits(session.api, edits)
        rows = [(each.state, each.id, each.error.detail if each.error else "") for each in answers]
    if as_json:
        entries = [dict(zip(("state", "id", "detail"), row, strict=True)) for row in rows]
        click.echo(json.dumps({"images": entries}, indent=1))
    else:
        session.show(
            ("State", "Id", ""), [(f"{state:9}", image_id, detail) for state, image_id, detail in rows]
        )
        counts = Counter(state for state, _, _ in rows)
        session.note(", ".join(f"{number} {state}" for state, number in counts.items()) or "no pictures")
    if any(state in ("gone", "rejected") for state, _, _ in rows):
        raise click.exceptions.Exit(1)


def _preview(session: Session, image_id: str, change: Change) -> tuple[str, str, str]:
    """What an edit would do to one picture."""
    image = session.api.get_image(image_id)
    if image is None:
        return "gone", image_id, ""
    lines = change.describe(image)
    return "edited" if lines else "unchanged", image_id, "; ".join(lines)


@stockroom.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--metadata", is_flag=True, help="Copies that carry the present caption, credit, tags and so on."
)
@click.option("--to", "folder", type=PATH, default=Path(), help="The folder to write them to.")
@partial(with_session, needs_token=False)
def download(session: Session, *, ids: Sequence[str], metadata: bool, folder: Path, as_json: bool) -> None:
    """Download originals.

    A file comes under its name when all of it is there. What is there already is not fetched again.
    """
    entries: list[dict[str, str | bool | None]] = []
    for image_id in dict.fromkeys(ids):
        try:
            path, link = download_original(
                session.api, image_id, folder, session.note, with_metadata=metadata
            )
        except Failure as failure:
            if failure.is_denial:
                raise
            session.note(f"{image_id}: {failure.detail}")
            entries.append({"id": image_id, "file": None, "code": failure.code, "detail": failure.detail})
            continue
        if link.note:
            session.note(f"{path}: {link.note}")
        entries.append({"id": image_id, "file": str(path), "metadata": link.metadata})
    if as_json:
        click.echo(json.dumps({"files": entries}, indent=1))
    else:
        rows = [(str(entry["id"]), str(entry["file"])) for entry in entries if entry["file"]]
        if rows:
            session.show(("Id", "File"), rows)
    if any(entry["file"] is None for entry in entries):
        raise click.exceptions.Exit(1)


@stockroom.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--search", "query", metavar="QUERY", help="Delete what a search finds, as on the page.")
@click.option("--limit", type=click.IntRange(1), default=100, help="Of a search, at most so many.")
@click.option("--yes", is_flag=True, help="Do not ask before what a search finds is deleted.")
@with_session
def delete(
    session: Session, *, ids: Sequence[str], query: str | None, limit: int, yes: bool, as_json: bool
) -> None:
    """Delete pictures of yours: those with the given ids, or what a search finds.

    For ten minutes, unless the library says otherwise, `stockroom restore` brings them back.
    """
    if bool(ids) == bool(query):
        raise click.UsageError("give ids, or --search with a query")
    if query:
        images = session.api.parse(Image, session.api.search_images([("q", query)], limit).images)
        for image in images:
            session.note(f"{image.id}  {image.name}")
        if images and not yes:
            click.confirm(f"Delete these {len(images)} pictures?", abort=True, err=True)
        ids = [image.id for image in images]
    _report_changes(session, session.api.delete_images(ids), as_json=as_json)


@stockroom.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "all_of_them", is_flag=True, help="All of yours that can be restored.")
@with_session
def restore(session: Session, ids: Sequence[str], all_of_them: bool, as_json: bool) -> None:
    """Bring pictures back that were deleted a short while ago."""
    if bool(ids) == all_of_them:
        raise click.UsageError("give ids, or --all")
    if all_of_them:
        uploads = session.api.parse(Upload, session.api.list_uploads(sys.maxsize))
        ids = [upload.id for upload in uploads if upload.state == "deleted"]
    _report_changes(session, session.api.restore_images(ids), as_json=as_json)


def _report_changes(session: Session, changes: Sequence[Changed], *, as_json: bool) -> None:
    """Print what became of each picture; exit status 1 if one is gone, or was posted again."""
    if as_json:
        click.echo(json.dumps({"images": [msgspec.to_builtins(change) for change in changes]}, indent=1))
    else:
        rows = [(f"{change.state:12}", change.id, change.restorable_until) for change in changes]
        session.show(("State", "Id", "Restorable until"), rows)
    if any(change.state in {"gone", "posted-again"} for change in changes):
        raise click.exceptions.Exit(1)
