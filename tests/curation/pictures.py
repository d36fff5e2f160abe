"""Published pictures as the tests of this folder need them: with their postings, in any state."""

from stockroom.api.auth import Caller
from stockroom.curation.actor import Actor
from stockroom.images.repository.pictures import find_ready
from stockroom.images.states import State
from stockroom.resources import Resources
from stockroom.search.index.document import build_document
from tests.factories import ALICE, owner_of, ready


def actor(resources: Resources, caller: Caller = ALICE) -> Actor:
    """The contributor as somebody who changes pictures."""
    return Actor(owner_of(resources, caller), is_admin="admin" in caller.scopes)


def published(
    resources: Resources, content: bytes = b"content", caller: Caller = ALICE, **changes: object
) -> int:
    """A ready picture that searches find; its id."""
    image_id = ready(resources, content, caller, **changes)
    (picture,) = find_ready(resources.db, [image_id])
    entries = resources.index_writer.resolve(build_document(picture))
    resources.db.run_transaction(lambda cursor: resources.index_writer.add(cursor, image_id, entries))
    return image_id


def in_state(resources: Resources, state: State, content: bytes = b"content") -> int:
    """A picture that was published and is in another state by now, without its postings."""
    image_id = published(resources, content)
    resources.db.run_transaction(lambda cursor: resources.index_writer.remove(cursor, image_id))
    resources.db.execute("UPDATE image SET state = %s WHERE id = %s", (state, image_id))
    return image_id


def find(resources: Resources, text: str) -> list[int]:
    """The ids of the pictures that a search finds."""
    from stockroom.search.service import parse

    return [picture.image_id for picture in resources.search_index.find_images(parse(text)).pictures]
