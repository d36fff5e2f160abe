"""Ways to make 720p and 240p of a photograph, each alone in a process: `python -m bench.candidates NAME`.

A candidate reads lines from its standard input. To a path it answers with processor milliseconds and the
bytes of both renditions; at `pixels PATH FOLDER` it writes what it would encode, as raw RGB; to `peak` it
answers with the most memory this process has had, in kilobytes.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

QUALITY = 80
SIZES = {"720p": 720, "240p": 240}
Raw = dict[str, tuple[int, int, bytes]]
Candidate = tuple[Callable[[str], dict[str, bytes]], Callable[[str], Raw]]


def stockroom() -> Candidate:
    """The product: all checks and facts, both renditions."""
    from stockroom.renditions import Options, render
    from stockroom.renditions.original import Original
    from stockroom.renditions.rendering import decode

    def run(path: str) -> dict[str, bytes]:
        rendered = render(Path(path).read_bytes(), Options(quality=QUALITY))
        return {name: rendition.data for name, rendition in rendered.renditions.items()}

    def pixels(path: str) -> Raw:
        picture = decode(Original(Path(path).read_bytes()), Options())
        images = {"720p": picture.large, "240p": picture.small}
        return {n: (i.width, i.height, bytes(i.write_to_memory())) for n, i in images.items()}

    return run, pixels


def floor(margin: int = 2) -> Candidate:
    """What there is to do at least: decode at the smallest scale that has `margin` times 720 lines, keep none
    of it, and encode two pictures. Twice the lines are what a filter needs for 45 dB."""
    from bench import photographs
    from stockroom.renditions.libvips import pyvips

    prepared: dict[str, Any] = {}

    def loaded(file: Path) -> Any:
        width, height = map(int, file.stem.partition("-")[2].split("x"))
        image = pyvips.Image.new_from_memory(file.read_bytes(), width, height, 3, "uchar")
        return image.copy(interpretation="srgb").copy_memory()

    def images(path: str) -> dict[str, Any]:
        # Made in another process: what this one has in memory is what it needs.
        if path not in prepared:
            prepared[path] = {name: loaded(file) for name, file in photographs.pixels(Path(path)).items()}
        found: dict[str, Any] = prepared[path]
        return found

    def run(path: str) -> dict[str, bytes]:
        data = Path(path).read_bytes()
        source = pyvips.Source.new_from_memory(data)
        header = pyvips.Image.new_from_source(source, "")
        if path.endswith(".jpg"):
            shrink = max(s for s in (1, 2, 4, 8) if s == 1 or header.height >= margin * 720 * s)
            decoded = pyvips.Image.jpegload_source(source, shrink=shrink, access="sequential")
        elif path.endswith(".webp"):
            decoded = pyvips.Image.webpload_source(
                source, scale=margin * 720 / header.height, access="sequential"
            )
        else:
            decoded = pyvips.Image.new_from_source(source, "", access="sequential")
        # For its last line it has to decode all, and keeps none.
        decoded.crop(0, decoded.height - 1, decoded.width, 1).copy_memory()
        return _encoded(images(path))

    def _encoded(of: dict[str, Any]) -> dict[str, bytes]:
        return {n: i.jpegsave_buffer(Q=QUALITY, optimize_coding=True, keep="none") for n, i in of.items()}

    return run, lambda _path: {}


def pillow() -> Candidate:
    """Pillow with draft mode; colours of profiles are not converted, which it would leave to the caller."""
    import io

    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None

    def images(path: str) -> dict[str, Any]:
        with Image.open(path) as opened:
            size = (max(1, round(opened.width * 720 / opened.height)), 720)
            opened.draft("RGB", (2 * size[0], 2 * size[1]))
            large = ImageOps.exif_transpose(opened).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small = large.resize((round(size[0] / 3), 240), Image.Resampling.LANCZOS)
        return {"720p": large, "240p": small}

    def run(path: str) -> dict[str, bytes]:
        encoded = {}
        for name, image in images(path).items():
            stream = io.BytesIO()
            image.save(stream, "JPEG", quality=QUALITY, optimize=True)
            encoded[name] = stream.getvalue()
        return encoded

    return run, lambda path: {n: (*i.size, i.tobytes()) for n, i in images(path).items()}


def opencv() -> Candidate:
    """OpenCV, decoding at a half or a quarter where 720 lines remain; it knows no profiles."""
    import cv2
    import numpy as np
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    cv2.setNumThreads(1)
    reduced = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}

    def images(path: str) -> dict[str, Any]:
        data = np.fromfile(path, dtype=np.uint8)
        with Image.open(path) as opened:
            width, height = opened.size
        shrink = max(s for s in reduced if height // s >= 720)
        decoded = cv2.imdecode(data, reduced[shrink])
        size = (round(width * 720 / height), 720)
        large = cv2.resize(decoded, size, interpolation=cv2.INTER_AREA)
        return {
            "720p": large,
            "240p": cv2.resize(large, (round(size[0] / 3), 240), interpolation=cv2.INTER_AREA),
        }

    def run(path: str) -> dict[str, bytes]:
        flags = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        return {n: cv2.imencode(".jpg", i, flags)[1].tobytes() for n, i in images(path).items()}

    def pixels(path: str) -> Raw:
        return {n: (i.shape[1], i.shape[0], i[..., ::-1].tobytes()) for n, i in images(path).items()}

    return run, pixels


def rough_floor() -> Candidate:
    """The floor at the smallest scale that has 720 lines at all."""
    return floor(margin=1)


CANDIDATES = {make.__name__: make for make in (stockroom, floor, rough_floor, pillow, opencv)}


def main() -> None:
    run, pixels = CANDIDATES[sys.argv[1]]()
    for line in sys.stdin:
        command, *rest = line.rstrip("\n").split("\t")
        if command == "pixels":
            for name, (width, height, raw) in pixels(rest[0]).items():
                (Path(rest[1]) / f"{name}-{width}x{height}.rgb").write_bytes(raw)
            answer = "written"
        elif command == "peak":
            # Not getrusage: its maximum begins with what the parent process had before exec.
            answer = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
        else:
            started = time.process_time()
            made = run(command)
            took = (time.process_time() - started) * 1e3
            answer = "\t".join([f"{took:.3f}", *(str(len(made[name])) for name in SIZES)])
        print(answer, flush=True)


if __name__ == "__main__":
    main()
