"""IPTC-IIM (the Information Interchange Model, version 4): what older programs read in JPEG files.

It lies among the image resources of Photoshop, of which `update_resources` takes the content of all APP13
segments. As the Metadata Working Group has it, IIM is brought up to date where a file has it, and not added
where it has none.
"""

import hashlib
import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from stockroom.embedding.description import Description, Unembeddable

SIGNATURE = b"Photoshop 3.0\0"
_RESOURCE = b"8BIM"
_IPTC, _DIGEST = 0x0404, 0x0425
_MARKER = 0x1C
_APPLICATION = 2
_CHARACTER_SET = (1, 90)
_UTF_8 = b"\x1b%G"
_EXTENDED = 0x8000
_BINARY = frozenset({0, 125, 150, 151, 152, 153, 154, 200, 201, 202})
"""Datasets of the second record that are no text."""

_TITLE, _KEYWORDS, _CREATOR, _CREDIT, _COPYRIGHT, _CAPTION = 5, 25, 80, 110, 116, 120
MAX_RESOURCES = 10_000
MAX_DATASETS = 20_000
"""What is looked at in one file. Each of them is small in a file, and large in memory."""
PLACE = (92, 90, 95, 101)
"""The parts of a place, from the smallest to the largest: location, city, state, country."""
_COUNTRY_CODE = 100
_MOST_BYTES = {_TITLE: 64, _KEYWORDS: 64, _CREATOR: 32, _CREDIT: 32, _COPYRIGHT: 128, _CAPTION: 2000, 92: 32}


class Dataset(NamedTuple):
    """One value: the numbers of its record and of itself, and its bytes."""

    record: int
    number: int
    value: bytes


def update_resources(resources: bytes, description: Description) -> bytes:
    """Image resources whose IIM says what the description says; the same bytes where it says so already."""
    parts = list(islice(_split_resources(resources), MAX_RESOURCES + 1))
    if len(parts) > MAX_RESOURCES:
        raise Unembeddable("it has too many image resources")
    updated = []
    digest = None
    for number, head, content, tail in parts:
        if number == _IPTC and digest is None:
            after = update_datasets(content, description)
            if after != content:
                digest = hashlib.md5(after, usedforsecurity=False).digest()
                updated.append(_make_resource(head, after))
                continue
        updated.append(head + struct.pack(">I", len(content)) + content + tail)
    if digest is None:
        return resources
    # Readers compare the digest with the IIM, and believe XMP where both are the writer's.
    for place, (number, head, _, _) in enumerate(parts):
        if number == _DIGEST:
            updated[place] = _make_resource(head, digest)
    return b"".join(updated)


def _split_resources(data: bytes) -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Of each resource its number, the bytes before its length, its content, and the padding after it."""
    position = 0
    while position < len(data):
        if data[position : position + 4] != _RESOURCE:
            if data[position:].strip(b"\0"):
                raise Unembeddable("its image resources are damaged")
            return
        if position + 7 > len(data):
            raise Unembeddable("its image resources are damaged")
        name_end = position + 7 + data[position + 6]
        name_end += (name_end - position) % 2
        length = int.from_bytes(data[name_end : name_end + 4])
        start = name_end + 4
        end = start + length
        if end > len(data):
            raise Unembeddable("its image resources are damaged")
        number = int.from_bytes(data[position + 4 : position + 6])
        position_after = min(end + length % 2, len(data))
        yield number, data[position:name_end], data[start:end], data[end:position_after]
        position = position_after


def _make_resource(head: bytes, content: bytes) -> bytes:
    return head + struct.pack(">I", len(content)) + content + bytes(len(content) % 2)


def update_datasets(data: bytes, description: Description) -> bytes:
    """IIM that says what the description says, in UTF-8; the same bytes where it says so already."""
    before = list(islice(read_datasets(data), MAX_DATASETS + 1))
    if len(before) > MAX_DATASETS:
        raise Unembeddable("its IPTC data have too many parts")
    is_utf_8 = any(each[:2] == _CHARACTER_SET and each.value == _UTF_8 for each in before)
    wanted = _list_values(description)
    changes = {
        number: [_shorten(value, _MOST_BYTES[number]) for value in values]
        for number, values in wanted.items()
        if _read(before, number, is_utf_8=is_utf_8) not in (list(values), _shorten_all(values, number))
    }
    if description.place is not None and _read_place(before, is_utf_8=is_utf_8) != description.place:
        changes |= {number: [] for number in (*PLACE, _COUNTRY_CODE)}
        changes[PLACE[0]] = [_shorten(description.place, _MOST_BYTES[PLACE[0]])] if description.place else []
    if not changes:
        return data
    after = [Dataset(*_CHARACTER_SET, _UTF_8)]
    after += [
        each if is_utf_8 else _convert(each)
        for each in before
        if each[:2] != _CHARACTER_SET and not (each.record == _APPLICATION and each.number in changes)
    ]
    after += [
        Dataset(_APPLICATION, number, value.encode())
        for number, values in changes.items()
        for value in values
    ]
    # The records of IIM come in their order; of the datasets of a record, those that repeat keep theirs.
    after.sort(key=lambda each: each[:2])
    return b"".join(map(_write, after))


def read_datasets(data: bytes) -> Iterator[Dataset]:
    """The datasets, one after the other. Zeros may follow the last one."""
    position = 0
    while position + 5 <= len(data) and data[position] == _MARKER:
        record, number, length = struct.unpack_from(">BBH", data, position + 1)
        position += 5
        if length & _EXTENDED:
            size = length & ~_EXTENDED
            length = int.from_bytes(data[position : position + size])
            position += size
        if position + length > len(data):
            raise Unembeddable("its IPTC data are damaged")
        yield Dataset(record, number, data[position : position + length])
        position += length
    if data[position:].strip(b"\0"):
        raise Unembeddable("its IPTC data are damaged")


def _list_values(description: Description) -> Mapping[int, Sequence[str]]:
    texts = {
        _TITLE: description.title,
        _CREDIT: description.credit,
        _COPYRIGHT: description.copyright,
        _CAPTION: description.caption,
    }
    lists = {_CREATOR: description.creators, _KEYWORDS: description.keywords}
    return {
        **{number: [text] if text else [] for number, text in texts.items() if text is not None},
        **{number: values for number, values in lists.items() if values is not None},
    }


def _read(datasets: Sequence[Dataset], number: int, *, is_utf_8: bool) -> list[str]:
    return [
        _decode(each.value, is_utf_8=is_utf_8)
        for each in datasets
        if each.record == _APPLICATION and each.number == number
    ]


def _read_place(datasets: Sequence[Dataset], *, is_utf_8: bool) -> str:
    return ", ".join(text for number in PLACE for text in _read(datasets, number, is_utf_8=is_utf_8))


def _decode(value: bytes, *, is_utf_8: bool) -> str:
    """The text of a dataset. Without a character set, many programs have written UTF-8, others Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace") if is_utf_8 else value.decode("cp1252", "replace")


def _convert(dataset: Dataset) -> Dataset:
    """A dataset of IIM without a character set, in UTF-8."""
    if dataset.record != _APPLICATION or dataset.number in _BINARY:
        return dataset
    return dataset._replace(value=_decode(dataset.value, is_utf_8=False).encode())


def _shorten_all(values: Sequence[str], number: int) -> list[str]:
    return [_shorten(value, _MOST_BYTES[number]) for value in values]


def _shorten(text: str, most: int) -> str:
    """As much of a text as has so many bytes in UTF-8: IIM's fields have an end, and XMP's have none."""
    return text.encode()[:most].decode(errors="ignore")


def _write(dataset: Dataset) -> bytes:
    length = len(dataset.value)
    head = struct.pack(">BBB", _MARKER, dataset.record, dataset.number)
    if length < _EXTENDED:
        return head + struct.pack(">H", length) + dataset.value
    return head + struct.pack(">HI", _EXTENDED | 4, length) + dataset.value
