"""Pictures with originals, and what their links lead to."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from stockroom.api.auth import Caller
from stockroom.images.states import State
from stockroom.resources import Resources
from tests.factories import ALICE, put_original, ready, s3_client
from tests.renditions.images import photo_of


def picture_with_original(
    resources: Resources,
    content: bytes | None = None,
    *,
    state: State = "ready",
    media_type: str = "image/jpeg",
    caller: Caller = ALICE,
    **fields: Any,
) -> int:
    """A published picture whose original is in storage; its id. Its file has no name unless one is given."""
    content = photo_of("jpeg", 96, 64) if content is None else content
    image_id = ready(resources, content, caller)
    changes = {"state": state, "type": media_type, "file_name": None, **fields}
    assignments = ", ".join(f"{name} = %s" for name in changes)
    resources.db.execute(f"UPDATE image SET {assignments} WHERE id = %s", (*changes.values(), image_id))
    put_original(resources, image_id, content)
    return image_id


def read_object(resources: Resources, url: str) -> tuple[bytes, dict[str, str]]:
    """The bytes to which a link leads, and what the link asks the answer to say."""
    parts = urlsplit(url)
    key = parts.path.lstrip("/").removeprefix(f"{resources.settings.uploads_bucket}/")
    body = s3_client().get_object(Bucket=resources.settings.uploads_bucket, Key=key)["Body"].read()
    return body, {name: values[0] for name, values in parse_qs(parts.query).items()}


def list_copies(resources: Resources) -> list[str]:
    """The keys of all copies."""
    answer = s3_client().list_objects_v2(Bucket=resources.settings.uploads_bucket, Prefix="downloads/")
    return [each["Key"] for each in answer.get("Contents", ())]
