"""Events of S3: what an event says of each object that it announces."""

from datetime import datetime
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct, field


class _Object(Struct):
    key: str
    """URL-encoded, as in a form."""


class _Storage(Struct):
    object: _Object


class _Identity(Struct):
    principal_id: str = field(name="principalId", default="")


class ObjectEvent(Struct, rename="camel"):
    """What happened to one object: in S3's words `ObjectCreated:Put`, `ObjectRemoved:Delete` and others."""

    s3: _Storage
    event_name: str = ""
    event_time: datetime | None = None
    response_elements: dict[str, str] = {}
    user_identity: _Identity = field(default_factory=_Identity)

    @property
    def key(self) -> str:
        return unquote_plus(self.s3.object.key)

    @property
    def put_at(self) -> datetime | None:
        """When somebody's PUT of the object ended; None for another event, such as that of a copy."""
        return self.event_time if self.event_name == "ObjectCreated:Put" else None

    @property
    def request_id(self) -> str | None:
        """By which S3 knows the request."""
        return self.response_elements.get("x-amz-request-id")

    def is_by_role(self, role_id: str) -> bool:
        """Whether a process with this role has done it; `role_id` is the unique id that IAM gave the role."""
        # `AWS:<id of the role>:<name of the session>`
        return bool(role_id) and self.user_identity.principal_id.split(":")[1:2] == [role_id]


class _Event(Struct):
    # A new subscription begins with an s3:TestEvent, which has no records.
    records: list[ObjectEvent] = field(name="Records", default_factory=list)


def read_event(text: str) -> list[ObjectEvent]:
    """The objects of an event, which is JSON; `msgspec.MsgspecError` for a text that is no event of S3."""
    return msgspec.json.decode(text, type=_Event).records
