"""What a function works with, made once a process: settings, connection, storage, token verifier."""

from dataclasses import dataclass
from functools import cache

from stockroom import settings
from stockroom.auth import Verifier
from stockroom.database import Database
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.settings import Settings
from stockroom.storage import Storage


@dataclass(frozen=True)
class Resources:
    """Handed to domain functions, so that they can be called with others from a test or a REPL."""

    settings: Settings
    db: Database
    storage: Storage
    verifier: Verifier


@cache
def resources() -> Resources:
    """This process's own; nothing connects before its first use."""
    at = settings.current()
    storage = Storage(at)
    return Resources(
        settings=at, db=Database(at), storage=storage, verifier=Verifier(at, storage.read_key_object)
    )


@cache
def decoder() -> Decoder:
    """The decoder of this process; it starts when it is first used."""
    return Decoder()
