"""From the arguments of the command line to the files to upload."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from stockroom_client.captions import Captions
from stockroom_client.contract import Config
from stockroom_client.failures import Failure
from stockroom_client.local_file import LocalFile, State
from stockroom_client.media_types import HEAD_SIZE, guess


class _NoPicture(Failure):
    """A file that is not meant to be a picture."""


def discover(paths: Sequence[Path], config: Config, captions: Captions) -> tuple[list[LocalFile], int]:
    """The files in the order of the arguments, and the number of files in folders that are no pictures.

    A file that the library would refuse has ended already. Hidden files and folders are passed over. A
    picture of a type that the library does not accept is skipped in a folder, where it may be a raw file
    beside its JPEG, but fails when the user has named it.
    """
    files: dict[Path, LocalFile | None] = {}  # None for what is no picture
    for argument in paths:
        is_in_folder = argument.is_dir()
        for path in _walk(argument) if is_in_folder else [argument]:
            identity = path.resolve()
            if identity not in files:
                files[identity] = _examine(path, config, captions, is_in_folder=is_in_folder)
    return [file for file in files.values() if file], sum(file is None for file in files.values())


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _examine(path: Path, config: Config, captions: Captions, *, is_in_folder: bool) -> LocalFile | None:
    """The file, which has ended if the library would refuse it; None for no picture in a folder."""
    file = LocalFile(path)
    try:
        _check(file, config)
    except Failure as failure:
        if is_in_folder and isinstance(failure, _NoPicture):
            return None
        is_skipped = is_in_folder and failure.code == "type-not-accepted"
        file.state = State.SKIPPED if is_skipped else State.FAILED
        file.detail, file.code = failure.detail, failure.code
    file.metadata = captions.find(path)
    return file


def _check(file: LocalFile, config: Config) -> None:
    """Set what is known of the file; a Failure if the library would refuse it."""
    try:
        status = file.path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Failure("not-a-file", "is not a file")
        with file.path.open("rb") as content:
            head = content.read(HEAD_SIZE)
    except OSError as error:
        raise Failure("unreadable", f"cannot be read: {error.strerror}") from error
    media_type, is_genuine = guess(file.path.name, head, config.formats)
    if media_type is None or not media_type.startswith("image/"):
        raise _NoPicture("not-an-image", "is not a picture")
    if not head:
        raise Failure("empty", "is empty")
    if not is_genuine:
        raise Failure("not-an-image", f"has the name but not the content of {media_type}")
    if media_type not in config.types:
        accepted = ", ".join(config.types)
        detail = f"is {media_type}, which this library does not accept: export it as {accepted}"
        raise Failure("type-not-accepted", detail)
    if status.st_size > config.max_bytes:
        sizes = f"has {status.st_size / 2**20:.1f} MB; the limit is {config.max_bytes / 2**20:.0f} MB"
        raise Failure("too-large", sizes)
    file.media_type, file.size, file.mtime_ns = media_type, status.st_size, status.st_mtime_ns
