"""What it costs to read what a file says about its picture: `python -m bench.embedded`.

Processor milliseconds for one file, at best of several rounds, beside those of rendering a photograph of 12
million pixels. Prints a table.
"""

import time
from collections.abc import Callable
from functools import partial

from bench.report import table
from stockroom.renditions import render
from stockroom.renditions.embedded.reconcile import Blocks, read_blocks
from stockroom.renditions.libvips import pyvips

ROUNDS = 7
SECONDS = 0.1
"""A round repeats a call for as long."""
PICTURE = (4000, 3000)


def make_exif() -> bytes:
    """EXIF as a camera writes it, by libvips."""
    image = pyvips.Image.black(8, 8, bands=3).copy(interpretation="srgb")
    fields = {
        "exif-ifd0-Make": "Canon",
        "exif-ifd0-Model": "Canon EOS 5D",
        "exif-ifd0-ImageDescription": "A harbour at night",
        "exif-ifd2-DateTimeOriginal": "2024:05:01 10:00:00",
        "exif-ifd2-LensModel": "EF24-70mm",
        "exif-ifd3-GPSLatitude": "51/1 30/1 0/1",
        "exif-ifd3-GPSLatitudeRef": "N",
    }
    for name, value in fields.items():
        image.set_type(pyvips.GValue.gstr_type, name, value)
    return bytes(pyvips.Image.new_from_buffer(image.jpegsave_buffer(), "").get("exif-data"))


def make_iim(keywords: int) -> bytes:
    """IIM with so many keywords."""
    values = [(120, b"A harbour at night"), *((25, b"keyword %d" % number) for number in range(keywords))]
    return b"".join(bytes([0x1C, 2, number]) + len(value).to_bytes(2) + value for number, value in values)


def make_xmp(keywords: int, ancestors: int = 0) -> bytes:
    """XMP with so many keywords, and with as many ancestors as Photoshop has noted."""

    def bag(name: str, count: int) -> str:
        items = "".join(f"<rdf:li>xmp.did:{number:032}</rdf:li>" for number in range(count))
        return f"<{name}><rdf:Bag>{items}</rdf:Bag></{name}>"

    namespaces = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
    )
    properties = bag("dc:subject", keywords) + bag("photoshop:DocumentAncestors", ancestors)
    return f"<rdf:RDF {namespaces}><rdf:Description>{properties}</rdf:Description></rdf:RDF>".encode()


def measure(call: Callable[[], object]) -> float:
    """Processor milliseconds of one call, at best."""
    best = float("inf")
    for _ in range(ROUNDS):
        calls, started = 0, time.process_time()
        while time.process_time() - started < SECONDS:
            call()
            calls += 1
        best = min(best, (time.process_time() - started) / calls * 1e3)
    return best


def main() -> None:
    """Measure, and print the table."""
    exif, iim, xmp = make_exif(), make_iim(20), make_xmp(20)
    cases = {
        "no metadata": Blocks(),
        "EXIF": Blocks(exif),
        "EXIF, IIM": Blocks(exif, iim),
        f"EXIF, IIM, XMP of {len(xmp):,} bytes": Blocks(exif, iim, xmp),
    }
    for ancestors in (1_000, 20_000):
        large = make_xmp(20, ancestors)
        cases[f"XMP of {len(large):,} bytes"] = Blocks(xmp=large)
    rows = [[name, f"{measure(partial(read_blocks, blocks)):.3f}"] for name, blocks in cases.items()]
    photograph = pyvips.Image.gaussnoise(*PICTURE).bandjoin([0, 0]).cast("uchar").copy(interpretation="srgb")
    data = bytes(photograph.jpegsave_buffer())
    rows.append(["rendering 12 million pixels", f"{measure(lambda: render(data)):.0f}"])
    print(table(["File", "ms"], rows))


if __name__ == "__main__":
    main()
