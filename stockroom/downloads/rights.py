"""Who may have an original: the setting STOCKROOM_ORIGINALS, and the licence of the picture."""

from msgspec import Struct

from stockroom.images.picture import Picture
from stockroom.images.states import State
from stockroom.runtime.licenses import REDISTRIBUTABLE


class Visitor(Struct, frozen=True, kw_only=True):
    """Who asks. `owner_id` is None without a token, and for one that is for reading alone.

    `may_read`: whether the library lets them see its pictures.
    """

    has_token: bool = False
    owner_id: int | None = None
    is_admin: bool = False
    may_read: bool = False


def may_have_original(visitor: Visitor, picture: Picture, state: State, offered: str) -> bool:
    """Whether an original is handed out to somebody; `offered` is the value of the setting.

    A hidden picture's goes to those alone whose picture it is, whatever the setting says.
    """
    if visitor.is_admin or visitor.owner_id == picture.owner_id:
        return True
    if state != "ready" or not visitor.may_read:
        return False
    return offered == "everybody" or (offered == "license" and picture.metadata.license in REDISTRIBUTABLE)
