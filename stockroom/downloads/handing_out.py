"""An original, or a copy of it, becomes a link that is good for some minutes."""

from datetime import datetime, timedelta

from msgspec import Struct

from stockroom.downloads.copies import find_or_make
from stockroom.downloads.description import describe, read_embedded
from stockroom.downloads.file_name import make_disposition, make_file_name
from stockroom.downloads.rights import Visitor, may_have_original
from stockroom.embedding import Unembeddable
from stockroom.images.repository.originals import OriginalRow, find_original
from stockroom.images.storage import Storage, copy_key, original_key
from stockroom.runtime.database import Database
from stockroom.runtime.errors import NotFound, Unauthenticated
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings

LINK_SECONDS = 300
"""How long a link is good; a download that has begun by then goes on."""
OF_COPIES = "-with-details"
"""What the name of a copy has more than that of its original: one folder can hold both."""
GONE = "There is no original for you at this address; the picture may have been deleted."
NOT_FOR_EVERYBODY = "Sign in first: this original is not for everybody."


class Handout(Struct, frozen=True, kw_only=True):
    """A link to an original, or to a copy of it, and what is to be expected there.

    `refusal` says why a copy was asked for and the original is handed out.
    """

    url: str
    expires_at: datetime
    name: str
    media_type: str
    size: int
    sha256: bytes | None
    has_metadata: bool
    refusal: str = ""


def hand_out(
    db: Database,
    storage: Storage,
    settings: Settings,
    image_id: int | None,
    visitor: Visitor,
    *,
    with_metadata: bool,
    now: datetime,
) -> Handout:
    """A link for somebody who may have the original; NotFound for anybody else.

    Unauthenticated for somebody whom a token may help, so that nobody learns anything of a picture that is
    not public.
    """
    if not visitor.has_token and (settings.originals == "owner" or not visitor.may_read):
        # Whatever there is: nobody learns which pictures there are, and strangers neither wake a paused
        # database nor take the connections of contributors.
        raise Unauthenticated(NOT_FOR_EVERYBODY)
    row = _read_row(db, image_id, visitor)
    if row is None or not may_have_original(visitor, row.picture, row.state, settings.originals):
        if not visitor.has_token and row is not None and row.state == "ready":
            raise Unauthenticated(NOT_FOR_EVERYBODY)
        raise NotFound(GONE)
    refusal = ""
    if with_metadata:
        try:
            return _hand_out_copy(storage, row, visitor, now)
        except Unembeddable as reason:
            refusal = f"The metadata cannot be written into this file: {reason}."
            logger.warning("not embedded", extra={"reason": str(reason)})
    stored = storage.head_original(row.picture.image_id)
    if stored is None:
        logger.error("the original of a picture is missing")
        raise NotFound(GONE)
    return _sign(
        storage,
        row,
        visitor,
        original_key(row.picture.image_id),
        now,
        size=stored.size,
        sha256=row.sha256,
        refusal=refusal,
    )


def _read_row(db: Database, image_id: int | None, visitor: Visitor) -> OriginalRow | None:
    """The row of an original. Whoever is no contributor leaves the connection at once to those who are.

    The account's connections are theirs. To make a copy takes seconds, and a process that has answered keeps
    its connection for a while: a burst of strangers would otherwise hold all of them.
    """
    try:
        return None if image_id is None else find_original(db, image_id)
    finally:
        if visitor.owner_id is None:
            db.close()


def _hand_out_copy(storage: Storage, row: OriginalRow, visitor: Visitor, now: datetime) -> Handout:
    picture = row.picture
    description = describe(picture, read_embedded(row.embedded, row.media_type))
    copy = find_or_make(storage, row, description, now)
    if copy is None:
        logger.error("the original of a picture is missing")
        raise NotFound(GONE)
    return _sign(
        storage,
        row,
        visitor,
        copy_key(picture.image_id),
        now,
        size=copy.size,
        sha256=copy.sha256,
        has_metadata=True,
    )


def _sign(
    storage: Storage,
    row: OriginalRow,
    visitor: Visitor,
    key: str,
    now: datetime,
    *,
    size: int,
    sha256: bytes | None,
    has_metadata: bool = False,
    refusal: str = "",
) -> Handout:
    is_owner = visitor.owner_id == row.picture.owner_id
    name = make_file_name(
        # What the file was called is its contributor's own: it may say more than they want to tell others.
        row.file_name if is_owner else row.picture.metadata.name,
        row.media_type,
        addition=OF_COPIES if has_metadata else "",
    )
    url = storage.presigned_get(
        key, media_type=row.media_type, disposition=make_disposition(name), seconds=LINK_SECONDS
    )
    logger.info("original handed out", extra={"metadata": has_metadata})
    return Handout(
        url=url,
        expires_at=now + timedelta(seconds=LINK_SECONDS),
        name=name,
        media_type=row.media_type,
        size=size,
        sha256=sha256,
        has_metadata=has_metadata,
        refusal=refusal,
    )
