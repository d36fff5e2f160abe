"""Who may have which original."""

import pytest
from msgspec.structs import replace

from stockroom.downloads.rights import Visitor, may_have_original
from stockroom.images.picture import Metadata
from stockroom.runtime.licenses import LICENSES
from tests.api.examples import PICTURE

OWNER = Visitor(has_token=True, owner_id=PICTURE.owner_id)
OTHER = Visitor(has_token=True, owner_id=PICTURE.owner_id + 1, may_read=True)
ADMIN = Visitor(has_token=True, owner_id=PICTURE.owner_id + 2, is_admin=True)
ANYBODY = Visitor(may_read=True)
OUTSIDER = Visitor(has_token=True, owner_id=PICTURE.owner_id + 3)
"""A contributor of a private library who may read nothing of it."""
RESERVED = PICTURE.with_metadata(Metadata(name="a.jpg", license="all-rights-reserved"))


@pytest.mark.parametrize("offered", ["owner", "license", "everybody"])
@pytest.mark.parametrize("state", ["ready", "hidden"])
def test_owner_and_admin_always_may(offered: str, state: str) -> None:
    for visitor in (OWNER, ADMIN):
        assert may_have_original(visitor, RESERVED, state, offered)  # type: ignore[arg-type]


@pytest.mark.parametrize("offered", ["owner", "license", "everybody"])
@pytest.mark.parametrize("visitor", [OTHER, ANYBODY, OUTSIDER])
def test_nobody_else_gets_a_hidden_one(visitor: Visitor, offered: str) -> None:
    assert not may_have_original(visitor, PICTURE, "hidden", offered)


@pytest.mark.parametrize("visitor", [OTHER, ANYBODY, OUTSIDER])
def test_others_get_what_the_setting_says(visitor: Visitor) -> None:
    assert not may_have_original(visitor, PICTURE, "ready", "owner")
    for offered, picture in (("license", PICTURE), ("everybody", PICTURE), ("everybody", RESERVED)):
        assert may_have_original(visitor, picture, "ready", offered) == visitor.may_read
    assert not may_have_original(visitor, RESERVED, "ready", "license")


def test_each_licence_but_one_lets_files_be_handed_on() -> None:
    allowed = {
        license_
        for license_ in LICENSES
        if may_have_original(
            ANYBODY,
            PICTURE.with_metadata(replace(PICTURE.metadata, license=license_)),
            "ready",
            "license",
        )
    }
    assert set(LICENSES) - allowed == {"all-rights-reserved"}
