"""One value a field, where the blocks of a file disagree: by the guidelines of the Metadata Working Group.

What EXIF has is believed first. Of IIM and XMP, XMP is believed, unless IIM has changed since it was last
written together with the XMP. IIM cuts its texts; where XMP has the rest of such a text, XMP's is taken. A
block that does not have a field, or has it in a form that makes no sense, leaves it to the next one.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from stockroom.renditions.embedded.embedded import (
    MAX_CHARACTERS,
    MAX_KEYWORD_CHARACTERS,
    MAX_KEYWORDS,
    Embedded,
    Position,
)
from stockroom.renditions.embedded.exif import Exif, make_position, read_exif
from stockroom.renditions.embedded.iim import MAX_FIELD_BYTES, Iim, read_iim
from stockroom.renditions.embedded.texts import Properties, clean, clean_text
from stockroom.renditions.embedded.xmp import read_xmp
from stockroom.renditions.facts.capture_time import parse_capture_time, parse_iim_time, parse_xmp_time

_JOINED = frozenset({"creator"})
"""Fields of which IIM and XMP may have several values, which EXIF has in one text: "Ann; Ben"."""
_PLACES = ("sublocation", "city", "state", "country")
_WEB_ADDRESS = re.compile(r"https?://[!-~]+", re.ASCII | re.IGNORECASE)
_PUBLIC_LICENSE = re.compile(r"https?://(?:www\.)?(?:creativecommons|opendatacommons)\.org/", re.IGNORECASE)
_XMP_ANGLE = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d{1,12})?)(?:,(\d{1,2}(?:\.\d{1,12})?))?([NSEW])", re.ASCII)


class Blocks(NamedTuple):
    """The three blocks of a file, as they are in it; empty where the file has none."""

    exif: bytes = b""
    iim: bytes = b""
    xmp: bytes = b""


class Description(NamedTuple):
    """What a file says about its picture, and when it was taken: as `Rendered` has them."""

    embedded: Embedded
    capture_time: datetime | None


def read_blocks(blocks: Blocks) -> Description:
    """What the blocks of a file say. Never an error: a wrong field is as if it were not there."""
    exif = read_exif(blocks.exif) if blocks.exif else Exif({})
    iim = read_iim(blocks.iim) if blocks.iim else Iim({})
    xmp = read_xmp(blocks.xmp) if blocks.xmp else {}
    _resolve_xmp_places(xmp)
    found = {field: _choose(field, exif.properties, iim, xmp) for field in MAX_CHARACTERS}
    found["license_url"] = _choose_address(xmp)
    found["camera"] = _name_camera(exif.properties) or _name_camera(xmp)
    found["lens"] = found["lens"] or _first("lens", xmp.get("lens_model", []))
    embedded = Embedded(
        keywords=_choose_keywords(iim, xmp),
        gps=exif.gps or _read_xmp_position(xmp),
        **found,
    )
    return Description(embedded, _choose_capture_time(exif.properties, iim, xmp))


def _choose(field: str, exif: Properties, iim: Iim, xmp: Properties) -> str:
    old, new = _value(field, iim.properties), _value(field, xmp)
    if iim.has_changed and old and not _is_cut(field, old, new):
        new = old
    return _value(field, exif) or new or old


def _is_cut(field: str, old: str, new: str) -> bool:
    """Whether a text of IIM is the beginning of XMP's, cut where IIM cuts, between two characters."""
    return new.startswith(old) and len(old.encode()) > MAX_FIELD_BYTES[field] - 4


def _value(field: str, properties: Properties) -> str:
    values = properties.get(field, [])
    if field in _JOINED:
        return clean_text(field, "; ".join(filter(None, (clean_text(field, value) for value in values))))
    return _first(field, values)


def _first(field: str, values: list[str]) -> str:
    return next(filter(None, (clean_text(field, value) for value in values)), "")


def _choose_keywords(iim: Iim, xmp: Properties) -> tuple[str, ...]:
    """The keywords of one block; a program that knows both writes them into both."""
    old, new = _clean_keywords(iim.properties), _clean_keywords(xmp)
    return old if old and (iim.has_changed or not new) else new


def _clean_keywords(properties: Properties) -> tuple[str, ...]:
    # One character more is read than may be kept: a keyword is left out, and not cut.
    words = (clean(each, MAX_KEYWORD_CHARACTERS + 1) for each in properties.get("keywords", []))
    kept = dict.fromkeys(each for each in words if 0 < len(each) <= MAX_KEYWORD_CHARACTERS)
    return tuple(kept)[:MAX_KEYWORDS]


def _resolve_xmp_places(xmp: Properties) -> None:
    """Give each part of the place the value of the place that is shown, of the older property of the same
    meaning, or of the place where the camera stood."""
    for part in _PLACES:
        values = (xmp.get(f"{prefix}{part}") for prefix in ("shown_", "", "created_"))
        if chosen := next(filter(None, values), None):
            xmp[part] = chosen


def _choose_address(xmp: Properties) -> str:
    """The first web address of: the statement of rights, the licence, and whoever gives licences.

    An address of a public licence comes before others, which may be those of a page about the picture.
    """
    addresses = list(_iterate_addresses(xmp))
    public = (address for address in addresses if _PUBLIC_LICENSE.match(address))
    return next(public, addresses[0] if addresses else "")


def _iterate_addresses(xmp: Properties) -> Iterator[str]:
    for name in ("web_statement", "cc_license", "licensor_url"):
        for value in xmp.get(name, []):
            address = value.strip()
            # A part of an address is no address.
            if len(address) <= MAX_CHARACTERS["license_url"] and _WEB_ADDRESS.fullmatch(address):
                yield address


def _name_camera(properties: Properties) -> str:
    """Maker and model, unless the model begins with the maker: "NIKON CORPORATION", "NIKON D850"."""
    maker, model = _first("camera", properties.get("make", [])), _first("camera", properties.get("model", []))
    begins_alike = bool(maker and model) and maker.split()[0].lower() == model.split()[0].lower()
    return model if begins_alike else clean_text("camera", f"{maker} {model}")


def _choose_capture_time(exif: Properties, iim: Iim, xmp: Properties) -> datetime | None:
    own = [parse_capture_time(each, (exif.get("offset") or [""])[0]) for each in exif.get("date", [])]
    new = [parse_xmp_time(each) for name in ("date", "exif_date") for each in xmp.get(name, [])[:1]]
    times = iim.properties.get("time") or [""]
    old = [parse_iim_time(each, times[0]) for each in iim.properties.get("date", [])[:1]]
    later = [*old, *new] if iim.has_changed else [*new, *old]
    return next((moment for moment in (*own, *later) if moment is not None), None)


def _read_xmp_position(xmp: Properties) -> Position | None:
    return make_position(
        _read_xmp_angle(xmp.get("latitude"), "NS"), _read_xmp_angle(xmp.get("longitude"), "EW")
    )


def _read_xmp_angle(values: list[str] | None, references: str) -> float | None:
    """An angle of XMP, "51,30.5N" or "51,30,30N", in degrees."""
    match = _XMP_ANGLE.fullmatch(values[0].strip()) if values else None
    if match is None or match[4] not in references:
        return None
    degrees = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    return degrees if match[4] == references[0] else -degrees
