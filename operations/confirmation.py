"""What a deployment may not change unasked: who can see the pictures, and where the data is.

The operator says a word, `make deploy STAGE=… CONFIRM=public`, for each such change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from infra.stage_file import StageFile
from operations.stack import Deployed
from tooling.errors import ToolError

PUBLIC, DATABASE = "public", "database"
WORDS = (PUBLIC, DATABASE)
# Where the data of a library is.
HOLDS_DATA = {"AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::S3::Bucket"}


def check_choices(stage: StageFile, deployed: Deployed, confirmed: Collection[str]) -> None:
    """Raise ToolError where the stage's file differs from what is deployed and nobody has said the word."""
    needed = dict(_compare(stage, deployed.outputs))
    _require(stage, [(word, why) for word, why in needed.items() if word not in confirmed])


def check_changes(
    stage: StageFile, changes: Collection[Mapping[str, Any]], confirmed: Collection[str]
) -> None:
    """Raise ToolError where a change set takes a database or a bucket away and nobody has said the word."""
    losses = list(list_losses(changes))
    if losses and DATABASE not in confirmed:
        _require(stage, [(DATABASE, f"data stays behind: {', '.join(losses)}")])


def list_losses(changes: Collection[Mapping[str, Any]]) -> Iterator[str]:
    """What of a change set's changes removes or replaces something that holds data."""
    for change in (each.get("ResourceChange", {}) for each in changes):
        if change.get("ResourceType") not in HOLDS_DATA:
            continue
        name = f"{change['LogicalResourceId']} ({change['ResourceType']})"
        if change["Action"] == "Remove":
            yield f"{name} is removed"
        elif change["Action"] == "Modify" and change.get("Replacement") in ("True", "Conditional"):
            yield f"{name} {'is' if change['Replacement'] == 'True' else 'may be'} replaced"


def read_words(text: str) -> frozenset[str]:
    """The words of CONFIRM, separated by blanks or commas. Raises ToolError for one that is none."""
    words = frozenset(text.replace(",", " ").split())
    if unknown := words - set(WORDS):
        raise ToolError(f"CONFIRM={' '.join(sorted(unknown))}: the words are {', '.join(WORDS)}")
    return words


def _compare(stage: StageFile, outputs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    visibility, database = outputs.get("Visibility"), outputs.get("DatabaseKind")
    if stage.visibility == "public" and visibility != "public":
        yield PUBLIC, f"the library is {visibility or 'of unknown visibility'}, and everybody would see it"
    if stage.database != database:
        yield (
            DATABASE,
            f"the library's rows are in a database of the kind {database or '(unknown)'}, and it would begin "
            f"anew with an empty one of the kind {stage.database}",
        )


def _require(stage: StageFile, needed: Collection[tuple[str, str]]) -> None:
    if not needed:
        return
    reasons = "\n".join(f"  {word}: {why}" for word, why in needed)
    words = " ".join(word for word, _ in needed)
    raise ToolError(
        f"this deployment of {stage.name} needs your word:\n{reasons}\n"
        f'Correct stages/{stage.name}.toml, or run `make deploy STAGE={stage.name} CONFIRM="{words}"`.'
    )
