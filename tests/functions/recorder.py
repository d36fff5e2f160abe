"""Records what a function asks of S3, at its own client, in the terms of IAM.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.grants import DELETE, GET, LIST, PUT, allowed_to

Ask = tuple[str, str, str]
"""A permission, a bucket, and a key, which is "" where the bucket itself is meant."""

NEEDED: dict[str, Callable[[Mapping[str, Any]], list[Ask]]] = {
    "PutObject": lambda sent: [(PUT, sent["Bucket"], sent["Key"])],
    "GetObject": lambda sent: [(GET, sent["Bucket"], sent["Key"])],
    "HeadObject": lambda sent: [(GET, sent["Bucket"], sent["Key"])],
    "DeleteObject": lambda sent: [(DELETE, sent["Bucket"], sent["Key"])],
    "DeleteObjects": lambda sent: [
        (DELETE, sent["Bucket"], each["Key"]) for each in sent["Delete"]["Objects"]
    ],
    "ListObjectsV2": lambda sent: [(LIST, sent["Bucket"], "")],
    "CopyObject": lambda sent: [
        (GET, sent["CopySource"]["Bucket"], sent["CopySource"]["Key"]),
        (PUT, sent["Bucket"], sent["Key"]),
    ],
}
"""What each operation of S3 needs."""


class Recorder:
    """What was asked inside `with recorder.recording()`: what was sent, and what was presigned for others."""

    def __init__(self, buckets: Mapping[str, str]) -> None:
        """`buckets` are the names that the table of permissions uses, by those of the buckets."""
        self._buckets = buckets
        self._is_recording = False
        self.asked: set[Ask] = set()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what is asked inside the `with` block."""
        self._is_recording = True
        try:
            yield
        finally:
            self._is_recording = False

    def watch(self, client: Any) -> Any:
        """The client, from now on watched."""
        client.meta.events.register("provide-client-params.s3", self._note_operation)
        client.meta.events.register("after-call.s3", self._note_absence)
        return client

    def by_pattern(self, function: str) -> dict[str, dict[str, set[str]]]:
        """What was asked, as the table has it: by bucket, then by the function's key pattern.

        A key that no pattern of the function covers stands for itself.
        """
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for action, bucket, key in self.asked:
            patterns = allowed_to(function).get(bucket, {})
            path = f"/{key}" if key else ""
            pattern = next((each for each in patterns if fnmatchcase(path, each)), path)
            found[bucket][pattern].add(action)
        return {bucket: dict(patterns) for bucket, patterns in found.items()}

    def _note_operation(
        self, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        context["bucket"] = params["Bucket"]
        for ask in NEEDED[model.name](params):
            self._note(*ask)

    def _note_absence(self, http_response: Any, context: Mapping[str, Any], **_: Any) -> None:
        """S3 answers 404 for an absent object only to who may list the bucket, and 403 to anybody else."""
        if http_response.status_code == 404:
            self._note(LIST, context["bucket"], "")

    def _note(self, action: str, bucket: str, key: str) -> None:
        if self._is_recording:
            self.asked.add((action, self._buckets[bucket], key))
