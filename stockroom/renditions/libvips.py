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

__all__ = ["pyvips"]
