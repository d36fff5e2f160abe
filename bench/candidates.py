"""Ways to make 720p and 240p of a photograph, each alone in a process: `python -m bench.candidates NAME`.

A candidate reads commands from its standard input, one a line, fields separated by tabs, and answers each
with one line:

    PATH                 answers with processor milliseconds, and the bytes of both renditions
    pixels  PATH FOLDER  writes the pixels that it would encode into the folder, as raw RGB
    peak                 answers with the most memory that the process has had, in kilobytes
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

QUALITY = 80
SIZES = {"720p": 720, "240p": 240}

RawImages = dict[str, tuple[int, int, bytes]]
"""By name: width, height, and three bytes for each pixel."""


class Candidate(NamedTuple):
    """`encode` makes both renditions of a file, by name; `decode` the pixels that they are encoded from."""

    encode: Callable[[str], dict[str, bytes]]
    decode: Callable[[str], RawImages]


def stockroom() -> Candidate:
    """Stockroom itself: all checks and facts, both renditions."""
    from stockroom.renditions import Options, render
    from stockroom.renditions.original import Original
    from stockroom.renditions.rendering import decode

    def encode_both(path: str) -> dict[str, bytes]:
        rendered = render(Path(path).read_bytes(), Options(quality=QUALITY))
        return {name: rendition.data for name, rendition in rendered.renditions.items()}

    def decode_both(path: str) -> RawImages:
        picture = decode(Original(Path(path).read_bytes()), Options())
        images = {"720p": picture.large, "240p": picture.small}
        return {n: (i.width, i.height, bytes(i.write_to_memory())) for n, i in images.items()}

    return Candidate(encode_both, decode_both)


def floor(*, is_rough: bool = False) -> Candidate:
    """The least that anybody has to do: decode at the smallest scale from which a filter gives 45 dB, throw
    that away, and encode two pictures that were made before. The rough one decodes at the smallest scale that
    has 720 lines."""
    from bench import photographs
    from stockroom.renditions.libvips import pyvips
    from stockroom.renditions.sources.jpeg import SHRINK_FOR_DIVISOR
    from stockroom.renditions.sources.webp import LEFT_TO_THE_FILTER

    divisors = {2: 2.0, 4: 4.0, 8: 8.0} if is_rough else SHRINK_FOR_DIVISOR
    margin = 1.0 if is_rough else LEFT_TO_THE_FILTER
    prepared: dict[str, dict[str, Any]] = {}

    def load(file: Path) -> Any:
        width, height = map(int, file.stem.partition("-")[2].split("x"))
        image = pyvips.Image.new_from_memory(file.read_bytes(), width, height, 3, "uchar")
        return image.copy(interpretation="srgb").copy_memory()

    def prepare(path: str) -> dict[str, Any]:
        # Another process has made these: the memory of this one shall be what decoding and encoding need.
        if path not in prepared:
            files = photographs.ensure_pixels(Path(path))
            prepared[path] = {name: load(file) for name, file in files.items()}
        return prepared[path]

    def encode_both(path: str) -> dict[str, bytes]:
        data = Path(path).read_bytes()
        source = pyvips.Source.new_from_memory(data)
        header = pyvips.Image.new_from_source(source, "")
        if path.endswith(".jpg"):
            possible = [divisor for divisor, times in divisors.items() if header.height >= times * 720]
            decoded = pyvips.Image.jpegload_source(
                source, shrink=max(possible, default=1), access="sequential"
            )
        elif path.endswith(".webp"):
            decoded = pyvips.Image.webpload_source(
                source, scale=min(1, margin * 720 / header.height), access="sequential"
            )
        else:
            decoded = pyvips.Image.new_from_source(source, "", access="sequential")
        # The last line makes libvips decode all lines, of which it keeps only this one.
        decoded.crop(0, decoded.height - 1, decoded.width, 1).copy_memory()
        return {
            name: image.jpegsave_buffer(Q=QUALITY, optimize_coding=True, keep="none")
            for name, image in prepare(path).items()
        }

    return Candidate(encode_both, lambda _path: {})


def rough_floor() -> Candidate:
    """The floor at the smallest scale that has 720 lines at all."""
    return floor(is_rough=True)


def pillow() -> Candidate:
    """Pillow with its draft mode. Colours are not converted by their profiles, which it leaves to callers."""
    import io

    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None

    def scale_both(path: str) -> dict[str, Any]:
        with Image.open(path) as opened:
            size = (max(1, round(opened.width * 720 / opened.height)), 720)
            opened.draft("RGB", (2 * size[0], 2 * size[1]))
            large = ImageOps.exif_transpose(opened).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small = large.resize((round(size[0] / 3), 240), Image.Resampling.LANCZOS)
        return {"720p": large, "240p": small}

    def encode_both(path: str) -> dict[str, bytes]:
        encoded = {}
        for name, image in scale_both(path).items():
            stream = io.BytesIO()
            image.save(stream, "JPEG", quality=QUALITY, optimize=True)
            encoded[name] = stream.getvalue()
        return encoded

    def decode_both(path: str) -> RawImages:
        return {name: (*image.size, image.tobytes()) for name, image in scale_both(path).items()}

    return Candidate(encode_both, decode_both)


def opencv() -> Candidate:
    """OpenCV, decoding at a half or a quarter where 720 lines remain. It knows no profiles."""
    import cv2
    import numpy as np
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    cv2.setNumThreads(1)
    modes = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}

    def scale_both(path: str) -> dict[str, Any]:
        data = np.fromfile(path, dtype=np.uint8)
        with Image.open(path) as opened:
            width, height = opened.size
        shrink = max(s for s in modes if height // s >= 720)
        decoded = cv2.imdecode(data, modes[shrink])
        size = (round(width * 720 / height), 720)
        large = cv2.resize(decoded, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(large, (round(size[0] / 3), 240), interpolation=cv2.INTER_AREA)
        return {"720p": large, "240p": small}

    def encode_both(path: str) -> dict[str, bytes]:
        flags = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        return {
            name: cv2.imencode(".jpg", image, flags)[1].tobytes() for name, image in scale_both(path).items()
        }

    def decode_both(path: str) -> RawImages:
        images = scale_both(path)
        return {
            name: (image.shape[1], image.shape[0], image[..., ::-1].tobytes())
            for name, image in images.items()
        }

    return Candidate(encode_both, decode_both)


def img2dataset(names: Sequence[str] = tuple(SIZES)) -> Candidate:
    """The resizer of img2dataset, once for each rendition: its output has one size. As large as ours, by
    its mode that keeps the ratio of the sides, for pictures that are wider than high. No profiles."""
    import io

    import cv2
    import numpy as np
    from img2dataset.resizer import Resizer

    def make(encode_format: str, encode_quality: int) -> dict[str, Any]:
        return {
            name: Resizer(
                SIZES[name], "keep_ratio", True, encode_format=encode_format, encode_quality=encode_quality
            )
            for name in names
        }

    jpeg, png = make("jpg", QUALITY), make("png", 1)

    def resize(path: str, resizers: dict[str, Any]) -> dict[str, bytes]:
        data = Path(path).read_bytes()
        resized = {}
        for name, resizer in resizers.items():
            resized[name], *_, error = resizer(io.BytesIO(data))
            if error:
                raise ValueError(f"{path}: {error}")
        return resized

    def decode_both(path: str) -> RawImages:
        images = {
            name: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            for name, data in resize(path, png).items()
        }
        return {n: (i.shape[1], i.shape[0], i[..., ::-1].tobytes()) for n, i in images.items()}

    return Candidate(lambda path: resize(path, jpeg), decode_both)


def img2dataset_720p() -> Candidate:
    """One rendition alone."""
    return img2dataset(["720p"])


CANDIDATES = {
    make.__name__: make
    for make in (stockroom, floor, rough_floor, pillow, opencv, img2dataset, img2dataset_720p)
}


def main() -> None:
    candidate = CANDIDATES[sys.argv[1]]()
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split("\t")
        if command == "pixels":
            path, folder = arguments
            for name, (width, height, raw) in candidate.decode(path).items():
                (Path(folder) / f"{name}-{width}x{height}.rgb").write_bytes(raw)
            answer = "written"
        elif command == "peak":
            # The maximum of getrusage begins with the memory of the parent process before exec.
            answer = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
        else:
            started = time.process_time()
            encoded = candidate.encode(command)
            milliseconds = (time.process_time() - started) * 1e3
            answer = "\t".join([f"{milliseconds:.3f}", *(str(len(encoded.get(name, b""))) for name in SIZES)])
        print(answer, flush=True)


if __name__ == "__main__":
    main()
