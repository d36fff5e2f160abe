"""The S3 client, and the meaning of its errors.

Importing and making the client costs 120 ms, so it is made at the first call. It is botocore's: what boto3
adds (resources, a transfer manager) costs 30 ms more and is not used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from stockroom.runtime.errors import StorageUnavailable


class Patience(NamedTuple):
    """How long a client waits: seconds for a connection, and for an answer; how often it tries."""

    connect: float
    read: float
    attempts: int


ORDINARY = Patience(connect=3, read=10, attempts=2)
"""26 s at the most; a function behind the API has 27 s."""
SHORT = Patience(connect=1, read=1, attempts=2)
"""4 s at the most, for what nobody should wait for. S3 takes an empty object in less than 0.1 s."""


def make_client(endpoint: str | None, patience: Patience = ORDINARY) -> Any:
    """A botocore S3 client; `endpoint` is where the emulator answers, None on AWS."""
    from botocore.config import Config
    from botocore.session import get_session

    config = Config(
        signature_version="s3v4",
        # By default botocore adds a CRC32 to each PUT that it presigns, and no browser computes one.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # By default URLs for us-east-1 name the global host, which the page's CSP forbids.
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        retries={"total_max_attempts": patience.attempts, "mode": "standard"},
    )
    session = get_session()
    session.register_component("data_loader", _make_loader())
    return session.create_client("s3", endpoint_url=endpoint, config=config)


@cache
def _make_loader() -> Any:
    """What reads the descriptions of AWS's services, 1 MB of JSON: once for all clients of a process."""
    from botocore.loaders import create_loader

    return create_loader()


def is_absent(error: Any) -> bool:
    """Whether S3 answered 404 for a key; the 404 of a missing bucket is another error.

    AWS answers 403 for an absent key to a role without s3:ListBucket. The 404 of a HEAD names no code.
    """
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return bool(status == 404 and error.response["Error"]["Code"] != "NoSuchBucket")


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turns errors of S3 inside the `with` block into StorageUnavailable (503)."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable("Storage does not answer just now.") from error
