"""Hashes of files."""

import hashlib
import os
import threading
from pathlib import Path

import pytest

from stockroom_client.failures import Failure
from stockroom_client.hashing import hash_file
from tests.client.conftest import OpenCache, Picture


def test_hash(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    path = picture()
    cache = open_cache(tmp_path / "hashes")
    status = path.stat()
    expected = (hashlib.sha256(path.read_bytes()).hexdigest(), status.st_size, status.st_mtime_ns)
    assert hash_file(path, cache) == expected
    assert cache.get(path, status.st_size, status.st_mtime_ns) == expected[0]


def test_the_cache_is_believed(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    path = picture()
    cache = open_cache(tmp_path / "hashes")
    status = path.stat()
    cache.put(path, status.st_size, status.st_mtime_ns, "ab")
    assert hash_file(path, cache) == ("ab", status.st_size, status.st_mtime_ns)


def test_a_file_that_grows(open_cache: OpenCache, tmp_path: Path) -> None:
    path = tmp_path / "grows.jpg"
    path.write_bytes(b"x" * 50_000_000)
    stop = threading.Event()

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.wait(0.001):
                file.write(b"x")

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        with pytest.raises(Failure, match="another program"):
            hash_file(path, open_cache(None))
    finally:
        stop.set()
        thread.join()


def test_a_missing_file(open_cache: OpenCache, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read: No such file or directory"):
        hash_file(tmp_path / "missing.jpg", open_cache(None))


def test_an_old_state_is_hashed_anew(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    path = picture()
    cache = open_cache(tmp_path / "hashes")
    before = hash_file(path, cache)
    path.write_bytes(path.read_bytes() + b"more")
    os.utime(path, ns=(0, before[2]))
    assert hash_file(path, cache)[0] == hashlib.sha256(path.read_bytes()).hexdigest()
