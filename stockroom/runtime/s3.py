"""The S3 client, and what its errors mean.

The client costs 120 ms to import and make, so it is made at the first call; and by botocore, as the layer
that boto3 puts on top of it (resources, a transfer manager) costs 30 ms more and is not used here.
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
        # Otherwise botocore adds a CRC32 to every PUT that it presigns, which the browser cannot send.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        # Otherwise URLs for us-east-1 name the global host, which the page's CSP does not allow.
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        connect_timeout=3,
        read_timeout=10,  # of one read, twice: a function behind the API has 29 s
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    return get_session().create_client("s3", endpoint_url=endpoint, config=config)


def is_absent(error: Any) -> bool:
    """Whether S3 answered 404; AWS answers 403 for an absent key to a role without s3:ListBucket."""
    return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 404)


@contextmanager
def storage_errors() -> Iterator[None]:
    """A fault between a function and S3 becomes a 503: neither the caller nor the function made a mistake."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailable("Storage is not available just now; try again shortly.") from error
