"""Whom a picture names, by the examples that the page's credit line is held against, too."""

import json

import msgspec
import pytest

from stockroom.images.credit import find_creator_name, find_credit_name
from stockroom.images.picture import Metadata
from tests.api.examples import PICTURE
from tooling import ROOT

EXAMPLES = json.loads((ROOT / "frontend/tests/pictures/author-examples.json").read_text())


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_same_one_is_named_as_in_the_credit_line_of_the_page(example: dict[str, str]) -> None:
    picture = msgspec.structs.replace(
        PICTURE,
        owner_name=example["owner"],
        metadata=Metadata(
            name="a.jpg", license="CC0-1.0", credit=example["credit"], creator=example["creator"]
        ),
    )
    assert (find_credit_name(picture), find_creator_name(picture)) == (example["author"], example["madeBy"])


@pytest.mark.parametrize(
    ("owner_name", "copyright_notice", "creator"),
    [("Ada", "", "Ada"), ("Ada", "© 1987 Ann", ""), ("contributor-7", "", "")],
)
def test_a_contributor_is_the_creator_where_nobody_else_is_named(
    owner_name: str, copyright_notice: str, creator: str
) -> None:
    metadata = Metadata(name="a.jpg", license="CC0-1.0", copyright=copyright_notice)
    picture = msgspec.structs.replace(PICTURE, owner_name=owner_name, metadata=metadata)
    assert (find_credit_name(picture), find_creator_name(picture)) == (owner_name, creator)
