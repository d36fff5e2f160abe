"""The name under which a browser stores an original."""

import re
import unicodedata
from urllib.parse import quote

from stockroom.renditions import SOURCE_FORMATS

MAX_STEM_CHARACTERS = 120
_EXTENSIONS = {source.media_type: source.extensions for source in SOURCE_FORMATS}
_ALL_EXTENSIONS = frozenset(extension for extensions in _EXTENSIONS.values() for extension in extensions)
# What file systems refuse, and what ends a quoted text.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f"%*/:<>?\\|]')


def make_file_name(name: str, media_type: str, *, addition: str = "") -> str:
    """The picture's name with an extension of its true media type: `sea.png` of a JPEG becomes `sea.jpg`.

    The addition stands before the extension, also where the name is so long that it is cut.
    """
    extensions = _EXTENSIONS.get(media_type, ())
    stem, dot, extension = name.rpartition(".")
    if not (dot and stem and _has_extension(name)):
        stem, extension = name, ""
    if extension.lower() not in extensions:
        extension = extensions[0] if extensions else "bin"
    cleaned = _FORBIDDEN.sub("_", stem)[:MAX_STEM_CHARACTERS].strip(" .")
    return f"{cleaned or 'picture'}{addition}.{extension}"


def _has_extension(name: str) -> bool:
    """Whether a name ends as the name of a file does whose format the library accepts."""
    return name.rpartition(".")[2].lower() in _ALL_EXTENSIONS


def make_disposition(file_name: str) -> str:
    """The header `Content-Disposition` (RFC 6266): the name, and one in ASCII for older programs."""
    decomposed = unicodedata.normalize("NFKD", file_name)
    plain = "".join(char for char in decomposed if " " <= char <= "~")
    plain = _FORBIDDEN.sub("_", plain).strip()
    if plain.startswith("."):
        plain = f"picture{plain}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
