"""Originals as files: whole, as the library has them, or not there at all."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from stockroom_client.api import Api
from stockroom_client.contract import OriginalLink
from stockroom_client.failures import Failure, TransientFailure
from stockroom_client.storage import EXPIRED, read_error
from stockroom_client.transport import is_loopback, is_secure, network_failures, refusal, retry

BLOCK_SIZE = 256 * 1024
MAX_NAME_BYTES = 200
"""File systems take 255 bytes or characters; the id of the picture may follow."""
MAX_EXTENSION = 5
_UNSAFE = frozenset('"*/:<>?\\|')


def download_original(
    api: Api, image_id: str, folder: Path, note: Callable[[str], None], *, with_metadata: bool
) -> tuple[Path, OriginalLink]:
    """The file, and the link that it came by; a Failure when it cannot be had.

    A file of the same content that is there already is the one. No other file is replaced. While the bytes
    arrive they lie in a file of another name, which is gone afterwards, whatever happens.
    """

    def attempt() -> tuple[Path, OriginalLink]:
        # Each attempt has a link of its own: the first one may have expired meanwhile.
        link = api.get_original(image_id, with_metadata=with_metadata)
        _check_link(link, api.site)
        path = _choose_path(folder, image_id, link)
        if not path.exists():
            _fetch(api, link, path)
        return path, link

    return retry(attempt, api.tuning, note)


def _check_link(link: OriginalLink, site: str) -> None:
    """Only a library on this machine may name storage on this machine."""
    if not is_secure(link.url) or (is_loopback(link.url) and not is_loopback(site)):
        shown = link.url.partition("?")[0]
        raise Failure("unsafe-link", f"the library names no safe address of the original: {shown}")


def _choose_path(folder: Path, image_id: str, link: OriginalLink) -> Path:
    """The path of a file that is not there yet, or has the same content."""
    name = _clean(link.name)
    stem, dot, extension = name.rpartition(".")
    other = f"{stem}-{_clean(image_id)}{dot}{extension}" if dot else f"{name}-{_clean(image_id)}"
    for path in (folder / name, folder / other):
        if not path.exists() or (link.sha256 and _has_content(path, link)):
            return path
    raise Failure("exists", f"there is another file of the name {folder / other} already")


def _clean(name: str) -> str:
    """A name without anything that would lead out of the folder, or hide the file in it."""
    kept = "".join("_" if char in _UNSAFE or not char.isprintable() else char for char in name)
    name = kept.strip(" .")
    stem, dot, extension = name.rpartition(".")
    end = f"{dot}{extension}" if len(extension) <= MAX_EXTENSION and stem else ""
    room = MAX_NAME_BYTES - len(end.encode())
    # Cut between characters.
    begin = name.removesuffix(end).encode()[:room].decode(errors="ignore")
    return f"{begin}{end}".strip(" .") or "picture"


def _has_content(path: Path, link: OriginalLink) -> bool:
    try:
        with path.open("rb") as file:
            is_equal = path.stat().st_size == link.size
            return is_equal and hashlib.file_digest(file, "sha256").hexdigest() == link.sha256
    except OSError:
        return False


def _fetch(api: Api, link: OriginalLink, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".stockroom-", dir=path.parent) as folder:
            part = Path(folder) / "part"
            _receive(api, link, part)
            # Unlike a renaming, this fails where somebody has made a file of the name meanwhile.
            _move(part, path)
    except OSError as error:
        raise Failure("disk", f"{path} cannot be written: {error.strerror or error}") from error


def _receive(api: Api, link: OriginalLink, part: Path) -> None:
    """Write the bytes of the original; a Failure for other bytes than those that were announced."""
    digest, size = hashlib.sha256(), 0
    with network_failures(link.url), api.http.stream("GET", link.url) as response, part.open("wb") as file:
        if not response.is_success:
            detail = f"storage answers: {response.status_code} {response.reason_phrase}"
            text = next(response.iter_bytes(BLOCK_SIZE), b"").decode(errors="replace")
            # 403: the link has expired, 404: a newer copy is being written.
            is_transient = response.status_code in (403, 404) or read_error(text).get("Code") == EXPIRED
            raise refusal(response, "storage", detail, is_transient=is_transient)
        for block in response.iter_raw(BLOCK_SIZE):
            size += len(block)
            if size > link.size:
                break
            digest.update(block)
            file.write(block)
    if size != link.size or (link.sha256 and digest.hexdigest() != link.sha256):
        raise TransientFailure("damaged", "what storage sent is not what the library has announced")


def _move(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        raise Failure("exists", f"there is another file of the name {path} already") from None
    except OSError:
        # This file system has no links.
        part.replace(path)
