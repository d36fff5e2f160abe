"""XMP sidecars: a picture's metadata as other programs read it, beside the original (`<original>.xmp`)."""

from xml.etree import ElementTree as ET

from stockroom.embedding import xmp
from stockroom.embedding.description import Description, split_creators
from stockroom.images.record import PictureRecord
from stockroom.runtime.licenses import PUBLIC_DOMAIN, license_address


def make_sidecar(record: PictureRecord) -> bytes:
    """The XMP packet of a picture, in UTF-8. What XML cannot carry is written as U+FFFD."""
    address = license_address(record.license) or ""
    root = xmp.make_tree(
        Description(
            title=record.name,
            caption=record.description,
            # Without a creator, the credit is the nearest to one: it says who is to be named.
            creators=split_creators(record.creator) or ((record.credit,) if record.credit else ()),
            credit=record.credit,
            copyright=record.copyright,
            usage_terms=record.usage_terms or record.license,
            license_url=record.license_url or address,
            license_address=address,
            is_protected=record.license not in PUBLIC_DOMAIN,
            keywords=tuple(dict.fromkeys((*record.tags, *record.hashtags))),
            place=record.place,
            taken=record.taken,
        )
    )
    ET.indent(root)
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + xmp.serialize(root) + b"\n"
