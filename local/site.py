"""The built page, copied into the site's bucket."""

import mimetypes
from pathlib import Path
from typing import Any

from local.layout import Layout, read_json, write_json
from tooling import ROOT
from tooling.digests import file_digest
from tooling.errors import ToolError

BUILT = ROOT / "frontend" / "dist"
# Names under assets/ carry a hash of their content, so they never change; the other files may.
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
# Not every system's table has these, and browsers refuse a module script with another type.
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
    """Make the bucket hold what was built; returns how many files were copied (0: it did already)."""
    if not (built / "index.html").exists():
        raise ToolError(f"{built} holds no page: run `make setup`")
    files = {path.relative_to(built).as_posix(): path for path in built.rglob("*") if path.is_file()}
    digests = {key: file_digest(path) for key, path in files.items()}
    published = read_json(layout.data / "site.json")
    before = published.get("files", {}) if published.get("bucket") == bucket else {}
    changed = [key for key, digest in digests.items() if before.get(key) != digest]
    # index.html names the other files, so it is copied last.
    for key in sorted(changed, key=lambda key: (key == "index.html", key)):
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=files[key].read_bytes(),
            ContentType=content_type(key),
            CacheControl=IMMUTABLE if key.startswith("assets/") else REVALIDATE,
        )
    for key in before.keys() - digests.keys():
        s3.delete_object(Bucket=bucket, Key=key)
    write_json(layout.data / "site.json", {"bucket": bucket, "files": digests})
    return len(changed)


def content_type(key: str) -> str:
    return TYPES.get(Path(key).suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"
