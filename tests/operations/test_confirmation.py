"""What no deployment changes unasked."""

from typing import Any

import pytest

from infra.stage_file import StageFile
from operations.confirmation import check_changes, check_choices, read_words
from operations.stack import Deployed
from tooling.errors import ToolError

PRIVATE = {"Visibility": "private", "DatabaseKind": "aurora"}


def stage(**choices: Any) -> StageFile:
    return StageFile(**{"name": "trial", "region": "eu-central-1", "visibility": "private", **choices})


def change(kind: str, action: str, replacement: str | None = None) -> dict[str, Any]:
    described = {"LogicalResourceId": "Data", "ResourceType": kind, "Action": action}
    return {"ResourceChange": described | ({"Replacement": replacement} if replacement else {})}


@pytest.mark.parametrize(
    ("choices", "outputs"),
    [
        ({}, PRIVATE),
        ({"visibility": "public"}, {**PRIVATE, "Visibility": "public"}),
        # Who takes pictures from everybody's eyes need not be asked.
        ({}, {**PRIVATE, "Visibility": "public"}),
    ],
)
def test_nothing_is_asked_where_nothing_is_at_stake(choices: dict[str, Any], outputs: dict[str, str]) -> None:
    check_choices(stage(**choices), Deployed("UPDATE_COMPLETE", outputs), set())


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"visibility": "public"}, {"public"}),
        ({"database": "instance"}, {"database"}),
        ({"visibility": "public", "database": "instance"}, {"public", "database"}),
    ],
)
def test_what_cannot_be_undone_needs_its_word(choices: dict[str, Any], words: set[str]) -> None:
    deployed = Deployed("CREATE_COMPLETE", PRIVATE)
    for said in [set[str](), {"public"}, {"database"}]:
        if words <= said:
            continue
        with pytest.raises(ToolError) as caught:
            check_choices(stage(**choices), deployed, said)
        for word in words - said:
            assert f"\n  {word}: " in str(caught.value)
        assert "make deploy STAGE=trial CONFIRM=" in str(caught.value)
    check_choices(stage(**choices), deployed, words)


def test_a_stack_that_does_not_say_what_it_is_counts_as_private_and_as_another_database() -> None:
    with pytest.raises(ToolError, match='CONFIRM="public database"'):
        check_choices(stage(visibility="public"), Deployed("CREATE_COMPLETE", {}), set())


@pytest.mark.parametrize("kind", ["AWS::RDS::DBCluster", "AWS::RDS::DBInstance", "AWS::S3::Bucket"])
@pytest.mark.parametrize(
    ("action", "replacement"), [("Remove", None), ("Modify", "True"), ("Modify", "Conditional")]
)
def test_no_change_takes_data_away_unasked(kind: str, action: str, replacement: str | None) -> None:
    changes = [change(kind, action, replacement)]
    with pytest.raises(ToolError, match=r"(?s)Data \(AWS::.*CONFIRM=\"database\""):
        check_changes(stage(), changes, {"public"})
    check_changes(stage(), changes, {"database"})


@pytest.mark.parametrize(
    "harmless",
    [
        change("AWS::RDS::DBCluster", "Add"),
        change("AWS::RDS::DBCluster", "Modify", "False"),
        change("AWS::Lambda::Function", "Remove"),
        change("AWS::Lambda::Function", "Modify", "True"),
        {"Type": "Hook"},
    ],
)
def test_other_changes_need_no_word(harmless: dict[str, Any]) -> None:
    check_changes(stage(), [harmless], set())


def test_words_are_separated_by_blanks_or_commas() -> None:
    assert read_words("public, database") == {"public", "database"}
    assert read_words("") == set()
    with pytest.raises(ToolError, match="CONFIRM=yes: the words are public, database"):
        read_words("yes")
