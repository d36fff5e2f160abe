"""What tickets cost: processor time of signing, beside botocore's own presigner, and of whole batches."""

import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any

from bench.report import table
from stockroom.images.owners import Owners
from stockroom.images.repository.pending import PendingUpload
from stockroom.images.storage import Storage, original_key
from stockroom.runtime.database import Database
from stockroom.runtime.s3 import make_client
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now
from stockroom.uploads import create, tickets
from stockroom.uploads.requests import UploadRequest

BATCHES = (1, 10, 100, 500)


def measure_tickets(db: Database, settings: Settings, rounds: int) -> str:
    """A table: for each size of a batch the least processor time of all rounds, in turns.

    The baseline is botocore's presigner, one call for each file.
    """
    storage = Storage(settings)
    client = make_client(settings.s3_endpoint or None)
    owner_id = Owners(db).find_or_insert("stockroom", "bench", "Bench")
    best: dict[tuple[str, int], float] = {}
    for number in range(rounds):
        for size in BATCHES:
            uploads = _make_uploads(size, number)
            candidates: dict[str, Callable[[], object]] = {
                "ours": lambda uploads=uploads: tickets.issue(  # type: ignore[misc]
                    storage, settings, now(), uploads
                ),
                "botocore": lambda uploads=uploads: [  # type: ignore[misc]
                    _presign(client, settings, upload) for upload in uploads
                ],
                "batch": lambda size=size, number=number: create.accept(  # type: ignore[misc]
                    db, storage, settings, _make_request(size, number), owner_id=owner_id, now=now()
                ),
            }
            # Whoever is first pays for what the others find in the processor's caches.
            order = sorted(candidates, reverse=bool(number % 2))
            for name in order:
                # Small batches are over before the processor has warmed to them.
                for _ in range(1 if name == "batch" else max(1, 100 // size)):
                    started = time.process_time()
                    candidates[name]()
                    spent = (time.process_time() - started) * 1e3
                    best[name, size] = min(spent, best.get((name, size), spent))
            db.execute("DELETE FROM image")
            db.execute("DELETE FROM upload_usage")
    heads = ["Files", "signing ms", "by botocore ms", "ratio", "ms a file", "the whole batch ms"]
    rows = [
        [
            f"{size}",
            f"{best['ours', size]:.1f}",
            f"{best['botocore', size]:.1f}",
            f"{best['botocore', size] / best['ours', size]:.2f}",
            f"{best['ours', size] / size:.3f}",
            f"{best['batch', size]:.1f}",
        ]
        for size in BATCHES
    ]
    return table(heads, rows)


def _make_uploads(size: int, number: int) -> list[PendingUpload]:
    return [
        PendingUpload(place + 1, 3_000_000 + place, "image/jpeg", _sha256(number, place))
        for place in range(size)
    ]


def _make_request(size: int, number: int) -> UploadRequest:
    files = [
        {
            "name": f"photo-{place}.jpg",
            "type": "image/jpeg",
            "size": 3_000_000 + place,
            "sha256": _sha256(number, place).hex(),
            "description": "A courtyard in #Barcelona",
        }
        for place in range(size)
    ]
    return UploadRequest(files=files)


def _sha256(number: int, place: int) -> bytes:
    return hashlib.sha256(f"{number} {place}".encode()).digest()


def _presign(client: Any, settings: Settings, upload: PendingUpload) -> str:
    url: str = client.generate_presigned_url(
        "put_object",
        Params={
            "Bucket": settings.uploads_bucket,
            "Key": original_key(upload.image_id),
            "ContentLength": upload.size,
            "ContentType": upload.media_type,
            "IfNoneMatch": "*",
            "ChecksumSHA256": base64.b64encode(upload.sha256).decode(),
        },
        ExpiresIn=settings.ticket_seconds,
    )
    return url
