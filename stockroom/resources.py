"""What a function works with, made once a process: settings, connection, storage, token verifier."""

from dataclasses import dataclass
from functools import cache

from stockroom.api.auth import Verifier
from stockroom.images.owners import Owners
from stockroom.images.storage import Storage
from stockroom.renditions.decoder import Decoder
from stockroom.runtime import settings
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings


@dataclass(frozen=True)
class Resources:
    """Handed to domain functions, so that they can be called with others from a test or a REPL."""

    settings: Settings
    db: Database
    storage: Storage
    verifier: Verifier
    owners: Owners


@cache
def resources() -> Resources:
    """This process's own; nothing connects before its first use."""
    at = settings.current()
    storage = Storage(at)
    db = Database(at)
    return Resources(
        settings=at,
        db=db,
        storage=storage,
        verifier=Verifier(at, storage.read_key_object),
        owners=Owners(db),
    )


@cache
def decoder() -> Decoder:
    """The decoder of this process; it starts when it is first used."""
    return Decoder()
