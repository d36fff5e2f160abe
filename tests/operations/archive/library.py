"""A library without a stack, as an export reaches it: a real database, and buckets in memory."""

from typing import Any

from operations.archive.library import Library
from stockroom.api.auth import Caller
from stockroom.images import ids
from stockroom.ingest.questions import answer
from stockroom.resources import Resources
from tests.factories import ALICE, put_original, s3_client, uploaded

TITLE = "“Tom & Jerry” <svg onload=1>\N{SNOWMAN}'.jpg"
HEBREW = "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}\N{HEBREW LETTER GIMEL}"
AWKWARD: dict[str, Any] = {
    "name": TITLE,
    "file_name": "DSC_0012 (1).JPG",
    "description": f'{HEBREW} said: "]]>"\n\n\t& #Réunion \N{CAMERA}\N{SNOWMAN}',
    "tags": ["été", HEBREW, "\N{CAMERA}"],
    "license": "CC-BY-SA-4.0",
    "credit": "O'Neil & Sons <o@example.org>",
    "creator": "Ada <script>",
    "copyright": "\N{COPYRIGHT SIGN} O'Neil",
    "usage_terms": "Not for\nadvertising",
    "license_url": "https://example.org/terms?a=1&b=2",
    "place": "Br\u00fcssel, Belgi\u00eb",
    "expires": "2600-01-01T00:00:00.000Z",
}
LONG: dict[str, Any] = {
    "name": "\N{SNOWMAN}" * 251 + ".jpg",
    "description": "\N{GRINNING FACE}" * 2000,
    "tags": [f"{number:02} " + "\N{CJK UNIFIED IDEOGRAPH-6D77}" * 61 for number in range(50)],
    "credit": "\N{HEBREW LETTER ALEF}" * 200,
}


def library_of(resources: Resources) -> Library:
    def make_no_token(_subject: str, _name: str) -> str:
        raise AssertionError

    return Library(
        site="",
        s3=s3_client(),
        uploads_bucket=resources.settings.uploads_bucket,
        ask=lambda event: answer(resources.db, event),
        make_token=make_no_token,
    )


def add_picture(resources: Resources, content: bytes, caller: Caller = ALICE, **metadata: Any) -> str:
    """A ready picture with its original; its public id."""
    image_id = uploaded(resources, content, caller, **metadata)
    resources.db.execute("UPDATE image SET state = 'ready', deadline = NULL WHERE id = %s", (image_id,))
    return ids.encode(image_id)


def lose_original(resources: Resources, public_id: str) -> None:
    s3_client().delete_object(Bucket=resources.settings.uploads_bucket, Key=f"originals/{public_id}")


def damage_original(resources: Resources, public_id: str) -> None:
    image_id = ids.decode(public_id)
    assert image_id is not None
    put_original(resources, image_id, b"something else")
