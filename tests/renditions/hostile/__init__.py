"""Files that nobody's camera makes. Importing this package fills `CORPUS`."""

from tests.renditions.hostile import attacks, bombs, damage, lies, polyglots, profiles, texts
from tests.renditions.hostile.damage import flip_bytes
from tests.renditions.hostile.registry import CORPUS, PICTURE, Hostile

__all__ = [
    "CORPUS",
    "PICTURE",
    "Hostile",
    "attacks",
    "bombs",
    "damage",
    "flip_bytes",
    "lies",
    "polyglots",
    "profiles",
    "texts",
]
