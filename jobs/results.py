"""What a run leaves in the uploads bucket: its results as Parquet parts, its progress, and its report.

Executors write the parts, by pyarrow and by our own S3 client: Spark's file systems for S3 would be packages
of Java. A result is recorded when its part is in the bucket.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Literal, TypeVar, get_origin, get_type_hints

import msgspec

from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.s3 import Patience, is_absent, make_client, storage_errors

T = TypeVar("T", bound=msgspec.Struct)

PREFIX = "jobs/"
"""What all jobs leave lies under this prefix of the uploads bucket."""
PATIENT = Patience(connect=10, read=60, attempts=8)
"""A job has time: S3 that is slow or refuses for a minute must not fail a task."""
PARQUET = "application/vnd.apache.parquet"
DELETED_KEYS = 1000
"""Keys that S3 deletes with one request."""


class ResultStore:
    """The objects of one run, by names below `jobs/<job>/<run>/`. Raises StorageUnavailable."""

    def __init__(self, bucket: str, job: str, run_id: str) -> None:
        self.bucket = bucket
        self.job = job
        self.run_id = run_id

    def __reduce__(self) -> tuple[Any, ...]:
        # An executor makes its own client.
        return ResultStore, (self.bucket, self.job, self.run_id)

    @cached_property
    def _client(self) -> Any:
        return make_client(None, PATIENT)

    def address(self, name: str) -> str:
        """Where an object lies, for the operator."""
        return f"s3://{self.bucket}/{self._key(name)}"

    def write_part(self, name: str, rows: Sequence[msgspec.Struct]) -> None:
        """Store rows of one type, whose fields are numbers, texts and flags, as a Parquet file."""
        import pyarrow
        from pyarrow import parquet

        columns = {
            field: pyarrow.array([getattr(row, field) for row in rows], _arrow_type(kind))
            for field, kind in get_type_hints(type(rows[0])).items()
        }
        file = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), file, compression="zstd")
        self.write(name, file.getvalue(), PARQUET)

    def read_part(self, name: str, kind: type[T]) -> list[T]:
        """The rows of a part. Raises FileNotFoundError for one that is not there."""
        from pyarrow import parquet

        content = self.read(name)
        if content is None:
            raise FileNotFoundError(self.address(name))
        return msgspec.convert(parquet.read_table(io.BytesIO(content)).to_pylist(), list[kind])  # type: ignore[valid-type]

    def list_names(self, prefix: str) -> Iterator[str]:
        """The names of all objects that begin with `prefix`, in order."""
        after = ""
        while True:
            with storage_errors():
                answer = self._client.list_objects_v2(
                    Bucket=self.bucket, Prefix=self._key(prefix), StartAfter=after
                )
            keys = [item["Key"] for item in answer.get("Contents", ())]
            for key in keys:
                yield key.removeprefix(self._key(""))
            if not answer.get("IsTruncated"):
                return
            after = keys[-1]

    def list_other_runs(self) -> list[str]:
        """The ids of the other runs of this job that have left anything."""
        prefix = f"{PREFIX}{self.job}/"
        runs: list[str] = []
        with storage_errors():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix, Delimiter="/"
            )
            for page in pages:
                runs += [
                    item["Prefix"].removeprefix(prefix).rstrip("/") for item in page.get("CommonPrefixes", ())
                ]
        return [run_id for run_id in runs if run_id != self.run_id]

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects, of which some may be gone already."""
        for some in split_into_chunks(list(names), DELETED_KEYS):
            with storage_errors():
                answer = self._client.delete_objects(
                    Bucket=self.bucket,
                    Delete={"Objects": [{"Key": self._key(name)} for name in some], "Quiet": True},
                )
            if answer.get("Errors"):
                raise StorageUnavailable(f"Results such as {self.address(some[0])} could not be deleted.")

    def write(self, name: str, content: bytes, media_type: str) -> None:
        """Store an object, in place of an older one."""
        with storage_errors():
            self._client.put_object(
                Bucket=self.bucket, Key=self._key(name), Body=content, ContentType=media_type
            )

    def write_new(self, name: str, content: bytes, media_type: str) -> bool:
        """Store an object, unless there is one of this name: whoever comes first is right, for good."""
        from botocore.exceptions import ClientError

        with storage_errors():
            try:
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=self._key(name),
                    Body=content,
                    ContentType=media_type,
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] == "PreconditionFailed":
                    return False
                raise
        return True

    def read(self, name: str) -> bytes | None:
        """The content of an object; None when there is none."""
        from botocore.exceptions import ClientError

        with storage_errors():
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=self._key(name))
            except ClientError as error:
                if is_absent(error):
                    return None
                raise
            with answer["Body"] as body:
                return bytes(body.read())

    def _key(self, name: str) -> str:
        return f"{PREFIX}{self.job}/{self.run_id}/{name}"


def _arrow_type(kind: type) -> Any:
    import pyarrow

    if get_origin(kind) is Literal:
        return pyarrow.string()
    return {int: pyarrow.int64(), float: pyarrow.float64(), str: pyarrow.string(), bool: pyarrow.bool_()}[
        kind
    ]
