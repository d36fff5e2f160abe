"""The S3 client, and the meaning of its errors.

Importing and making the client costs 120 ms, so it is made at the first call. It is botocore's: what boto3
adds (resources, a transfer manager) costs 30 ms more and is not used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stockroom.runtime.errors import StorageUnavailable


def make_client(endpoint: str | None) -> Any:
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
        connect_timeout=3,
        read_timeout=10,  # two attempts, and a function behind the API has 29 s
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    return get_session().create_client("s3", endpoint_url=endpoint, config=config)


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
