"""How close pixels are to a reference: a full decode and a Lanczos filter by another library, Pillow."""

import io
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

Image.MAX_IMAGE_PIXELS = None
Pixels: TypeAlias = npt.NDArray[np.float64]
_SRGB = ImageCms.createProfile("sRGB")


def decode_reference(path: Path) -> Image.Image:
    """The whole picture of a file, converted to sRGB from its own profile."""
    with Image.open(path) as opened:
        opened.load()
        profile = opened.info.get("icc_profile")
        image = opened.copy()
    if profile:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        converted = ImageCms.profileToProfile(
            image, embedded, _SRGB, renderingIntent=intent, outputMode="RGB"
        )
        assert converted is not None
        return converted
    return image.convert("RGB")


def scale(image: Image.Image, width: int, height: int) -> Pixels:
    """The reference at other sides."""
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS), dtype=np.float64)


def read_raw(path: Path) -> Pixels:
    """The raw RGB that a candidate has written, in a file that is called NAME-WIDTHxHEIGHT.rgb."""
    width, height = map(int, path.stem.partition("-")[2].split("x"))
    return np.frombuffer(path.read_bytes(), np.uint8).reshape(height, width, 3).astype(np.float64)


def pixels_of(image: Any) -> Pixels:
    """The pixels of a libvips image."""
    raw = np.frombuffer(image.write_to_memory(), np.uint8)
    return raw.reshape(image.height, image.width, 3).astype(np.float64)


def decode(data: bytes) -> Pixels:
    """The pixels of an encoded picture."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=np.float64)


def psnr(a: Pixels, b: Pixels) -> float:
    """The peak signal-to-noise ratio in dB: 48 is an error of one level in 255 (root mean square)."""
    return float(10 * np.log10(255**2 / max(1e-9, np.mean((a - b) ** 2))))


def ssim(a: Pixels, b: Pixels) -> float:
    """Structural similarity of luma (Wang et al. 2004), in Gaussian windows of 11 pixels; 1 is equal."""
    weights = np.array([0.299, 0.587, 0.114])
    x, y = a @ weights, b @ weights

    def blur(image: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return cv2.GaussianBlur(image, (11, 11), 1.5)[5:-5, 5:-5]

    mx, my = blur(x), blur(y)
    vx, vy, cov = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    score = (2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))
    return float(np.mean(score))


def delta_e(a: Pixels, b: Pixels) -> float:
    """The mean distance in CIE L*a*b* (1976). Side by side, an eye can tell colours from about 2 on."""
    lab = [cv2.cvtColor((image / 255).astype(np.float32), cv2.COLOR_RGB2LAB) for image in (a, b)]
    return float(np.mean(np.sqrt(np.sum((lab[0] - lab[1]) ** 2, axis=2))))
