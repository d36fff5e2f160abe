"""The built pages, copied into the site's bucket."""

import hashlib
import mimetypes
from pathlib import Path
from typing import Any

from local.errors import StackError
from local.layout import ROOT, Layout, read_json, write_json

BUILT = ROOT / "frontend" / "dist"
# Names under assets/ carry a hash of the content; the page itself is asked for anew each time.
FOREVER = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"
# Not every system's table knows these, and a module script with another type is refused by browsers.
TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


def publish(layout: Layout, s3: Any, bucket: str, built: Path = BUILT) -> int:
    """Bring the bucket to what was built; returns how many files were copied (0: nothing new)."""
    if not (built / "index.html").exists():
        raise StackError(f"{built} holds no page: run `make setup`")
    files = {path.relative_to(built).as_posix(): path for path in built.rglob("*") if path.is_file()}
    hashes = {key: hashlib.sha256(path.read_bytes()).hexdigest() for key, path in files.items()}
    known = read_json(layout.data / "site.json")
    before = known.get("files", {}) if known.get("bucket") == bucket else {}
    changed = [key for key, digest in hashes.items() if before.get(key) != digest]
    # The page names the other files, so it comes last.
    for key in sorted(changed, key=lambda key: (key == "index.html", key)):
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=files[key].read_bytes(),
            ContentType=content_type(key),
            CacheControl=FOREVER if key.startswith("assets/") else ALWAYS_ASK,
        )
    for key in before.keys() - hashes.keys():
        s3.delete_object(Bucket=bucket, Key=key)
    write_json(layout.data / "site.json", {"bucket": bucket, "files": hashes})
    return len(changed)


def content_type(key: str) -> str:
    return TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"
