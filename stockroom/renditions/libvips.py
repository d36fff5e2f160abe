"""libvips, set up once for files from strangers. Import `pyvips` from here and nowhere else.

The settings belong to the process: only the loaders of accepted formats can run at all (no SVG, TIFF, PDF,
CSV, raw or UltraHDR), one thread a picture (a Lambda has about one core; more only costs memory), and no
cache of past operations (each picture is new). Its warnings, one a tile of a damaged file, are not logged:
the refusal tells.
"""

import logging

import pyvips

_LOADERS = (
    "VipsForeignLoadJpeg",
    "VipsForeignLoadPng",
    "VipsForeignLoadWebp",
    "VipsForeignLoadNsgif",
    "VipsForeignLoadHeif",
)

pyvips.operation_block_set("VipsForeignLoad", True)
for _loader in _LOADERS:
    pyvips.operation_block_set(_loader, False)
pyvips.cache_set_max(0)
pyvips.concurrency_set(1)
logging.getLogger("pyvips").setLevel(logging.ERROR)

# What a file that cannot be read raises. libvips quotes the file in its messages, and pyvips fails to read
# those that are not UTF-8.
UNREADABLE = (pyvips.Error, MemoryError, UnicodeDecodeError)


def message(error: Exception) -> str:
    """What libvips said of an UNREADABLE file; and forget it, or the next message would begin with it."""
    if isinstance(error, UnicodeDecodeError):
        pyvips.vips_lib.vips_error_clear()
        return error.object.decode("latin-1")
    return str(error)


__all__ = ["UNREADABLE", "message", "pyvips"]
