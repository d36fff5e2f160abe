"""What the commands on archives take, which are the same for a stage and for the local stack."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from operations.picture_id import read_picture_id
from stockroom.ingest.questions import QUESTIONS, ROW
from tooling.errors import ToolError

Command = Callable[..., None]
ASKED = (*QUESTIONS, ROW)


class _Folder(click.ParamType[Path]):
    """A folder that has to be named: make gives an empty text where nobody has."""

    name = "folder"

    def convert(
        self, value: object, parameter: click.Parameter | None, _context: click.Context | None
    ) -> Path:
        if not value:
            name = parameter.opts[0].removeprefix("--").upper() if parameter else ""
            raise ToolError(f"which folder? Give {name}=")
        return Path(str(value)).expanduser().resolve()


def question(command: Command) -> Command:
    """`--question`, and `--id` as `picture`."""
    of_picture = click.option("--id", "picture", default="", help="The picture that `row` is about.")
    return click.option("--question", default="", help=f"One of {', '.join(ASKED)}.")(of_picture(command))


def event(question: str, picture: str) -> dict[str, Any]:
    """What the function is asked. Raises ToolError for no question, and for `row` without a picture's id."""
    if question not in ASKED:
        raise ToolError(f"what is the question? Give QUESTION={', '.join(ASKED)}")
    if question == ROW:
        if not picture:
            raise ToolError("which picture? Give ID=")
        read_picture_id(picture)
    return {"ask": question, **({"id": picture} if picture else {})}


def export(command: Command) -> Command:
    """`--to` as `folder`, and `--prune`."""
    prune = click.option("--prune", is_flag=True, help="Drop what the library no longer has.")
    return click.option("--to", "folder", type=_Folder(), default="", help="The export.")(prune(command))


def importing(command: Command) -> Command:
    """`--from` as `folder`, `--map` as `map_file`, `--sub`, and `--partial`."""
    command = click.option("--partial", is_flag=True, help="Leave out what is damaged.")(command)
    sub = click.option("--sub", default="", help="Whose all pictures become (otherwise their owners').")
    ids = click.option("--map", "map_file", default="", help="Where the old and the new ids are written.")
    return click.option("--from", "folder", type=_Folder(), default="", help="The export.")(ids(sub(command)))


def adopting(command: Command) -> Command:
    """`--from` as `source`, `--captions`, `--sub`, and `--journal`."""
    for option in (
        click.option("--journal", default="", help="Where is written down what has been adopted."),
        click.option("--sub", default="", help="Whose the pictures become."),
        click.option("--captions", default="", help="Metadata of single files, as for `stockroom upload`."),
        click.option("--from", "source", default="", help="A folder, or s3://bucket/prefix."),
    ):
        command = option(command)
    return command
