"""Runs on the machine: `render_files.py PYTHON OUTPUT FORMATS FOLDERS FILE…` renders files as `resize` does.

FORMATS are the output formats of the first file beside JPEG, which all have. FOLDERS are those of the bundle
and of its layer. It writes the renditions into OUTPUT, as `<file>.<rendition>.<format>`, and everything else
that is known of a file into facts.json.
"""

import sys
from pathlib import Path

python, output, formats, folders, *files = sys.argv[1:]
sys.path[:0] = folders.split(",")
# The decoder starts its process by this name; the kernel itself cannot run a program of arm64.
sys.executable = python

import msgspec  # noqa: E402

from stockroom.renditions.outputs import JPEG  # noqa: E402
from stockroom.renditions.sandbox.decoder import Decoder  # noqa: E402

# An emulated processor takes 30 times as long.
HOUR = 3600.0


def main() -> None:
    decoder = Decoder(cpu_seconds=HOUR, start_seconds=HOUR, answer_seconds=HOUR)
    facts: dict[str, object] = {}
    for file in map(Path, files):
        data = file.read_bytes()
        further = formats.split(",") if not facts else []
        with decoder.decode(len(data), [data], formats=further) as picture:
            rendered = picture.rendered
            written = {JPEG.name: rendered.renditions}
            for each in picture.further_formats():
                assert not each.fault, each.fault
                written[each.name] = each.renditions
        for format_name, renditions in written.items():
            for name, rendition in renditions.items():
                Path(output, f"{file.name}.{name}.{format_name}").write_bytes(rendition.data)
        facts[file.name] = {
            "media_type": rendered.media_type,
            "width": rendered.width,
            "height": rendered.height,
            "phash": rendered.phash,
            "formats": list(written),
        }
    decoder.close()
    Path(output, "facts.json").write_bytes(msgspec.json.encode(facts))


main()
