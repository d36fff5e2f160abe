"""The CDN's cache: it forgets the renditions that were deleted from the images bucket."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

MAX_FOLDERS = 10
"""Above this many pictures, one path for all renditions is invalidated in place of one for each picture.

CloudFront takes 15 paths with a wildcard at a time, those of earlier requests that are still in progress
included, and each costs half a cent beyond the free ones. A cache that is emptied is filled again.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/InvalidationLimits.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PayingForInvalidation.html
"""
ALL_RENDITIONS = "/i/*"
NOTICE = "deleted"
"""The last part of the key of an object that is stored, and then deleted in order to say that renditions were
deleted: those of its folder."""
MANY_DELETED = f"i/-/{NOTICE}"
"""The key of one that says so of many pictures."""
BUSY = "TooManyInvalidationsInProgress"


class CdnBusy(Exception):
    """The CDN is still working on earlier invalidations: ask again in some minutes."""


def is_notice(key: str) -> bool:
    """Whether the object of this key was there only to be deleted."""
    return key.startswith("i/") and key.rpartition("/")[2] == NOTICE


def list_paths(keys: Iterable[str]) -> list[str]:
    """The paths to invalidate for deleted objects of the images bucket: one for each picture, or one for all.

    The JSON of a picture and its page have no path here: the CDN stores them for a minute
    (`stockroom/api/cache_policy.py`), which is less than an invalidation takes.
    """
    keys = set(keys)
    if MANY_DELETED in keys:
        return [ALL_RENDITIONS]
    folders = {key.split("/")[1] for key in keys if key.startswith("i/")}
    if len(folders) > MAX_FOLDERS:
        return [ALL_RENDITIONS]
    return sorted(f"/i/{quote(folder)}*" for folder in folders)


class Distribution:
    """A CloudFront distribution. The client is made at its first use."""

    def __init__(self, distribution_id: str) -> None:
        self._id = distribution_id

    @cached_property
    def client(self) -> Any:
        """What speaks with CloudFront: it gives up on an answer that does not come."""
        from botocore.config import Config
        from botocore.session import get_session

        config = Config(
            connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
        )
        return get_session().create_client("cloudfront", config=config)

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        """Have the cache forget what lies under these paths. Raises CdnBusy, and ClientError for the rest.

        The same paths with the same reference are one invalidation, however often they are sent.
        """
        from botocore.exceptions import ClientError

        batch = {
            "Paths": {"Quantity": len(paths), "Items": list(paths)},
            "CallerReference": reference,
        }
        try:
            self.client.create_invalidation(DistributionId=self._id, InvalidationBatch=batch)
        except ClientError as error:
            if error.response["Error"]["Code"] == BUSY:
                raise CdnBusy from error
            raise
