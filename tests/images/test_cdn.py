from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from stockroom.api import cache_policy
from stockroom.api.cache_policy import CachePolicy
from stockroom.images.cdn import MAX_FOLDERS, CdnBusy, Distribution, list_paths
from stockroom.images.storage import RENDITION_CACHE, rendition_key
from tests.distributions import create_distribution, list_batches

PATHS = ["/i/1*", "/i/2*"]
BATCH = {"Paths": {"Quantity": 2, "Items": PATHS}, "CallerReference": "batch"}


def keys(image_id: int, link_key: str = "key") -> list[str]:
    return [rendition_key(image_id, link_key, 1, name) for name in ("240p", "720p")]


def test_a_picture_is_one_path_however_many_renditions_it_has() -> None:
    (path,) = list_paths(keys(1))
    assert path.endswith("-key*")
    assert all(f"/{key}".startswith(path.removesuffix("*")) for key in keys(1))


def test_the_path_of_a_picture_matches_no_other_picture() -> None:
    (path,) = list_paths(keys(1, link_key=""))
    assert not any(f"/{key}".startswith(path.removesuffix("*")) for key in keys(2, link_key=""))


def test_so_many_pictures_have_a_path_each_and_more_have_one_for_all() -> None:
    some = [key for image_id in range(MAX_FOLDERS) for key in keys(image_id)]
    assert len(list_paths(some)) == MAX_FOLDERS
    assert list_paths([*some, *keys(MAX_FOLDERS)]) == ["/i/*"]


def test_cloudfront_takes_the_paths_of_one_batch() -> None:
    # AWS: "you can have requests for up to 15 invalidation paths in progress at one time".
    assert MAX_FOLDERS <= 15


def test_a_path_is_encoded_and_what_is_no_rendition_has_none() -> None:
    assert list_paths(["i/a b/v1/240p.jpg", "elsewhere/1"]) == ["/i/a%20b*"]


def test_answers_of_the_api_leave_the_cdn_before_an_invalidation_would_end() -> None:
    """So they need none. AWS says of an invalidation that it takes some minutes.

    The sitemap stays for an hour; its links lead to a 404 meanwhile.
    """
    policies = [
        each
        for name, each in vars(cache_policy).items()
        if isinstance(each, CachePolicy) and name != "SITEMAP"
    ]
    assert len(policies) > 5
    assert max(each.cdn + each.stale for each in policies) <= 60
    assert RENDITION_CACHE == "public, max-age=86400", "these need one"


@pytest.fixture
def distribution(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Distribution, Stubber]]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    distribution = Distribution("D")
    with Stubber(distribution.client) as stub:
        yield distribution, stub
        stub.assert_no_pending_responses()


@mock_aws
def test_one_request_names_all_paths() -> None:
    cloudfront = boto3.client("cloudfront", region_name="us-east-1")
    distribution_id = create_distribution(cloudfront)
    Distribution(distribution_id).invalidate(PATHS, "batch")
    assert list_batches(cloudfront, distribution_id) == [BATCH]


def test_waiting_for_cloudfront_is_set_to_less_than_the_functions_time(
    distribution: tuple[Distribution, Stubber],
) -> None:
    """The function has 20 seconds (infra/invalidation.py), and its batch comes again."""
    cdn, _ = distribution
    config = cdn.client.meta.config
    attempts = config.retries["total_max_attempts"]
    assert attempts == 2
    assert attempts * (config.connect_timeout + config.read_timeout) == 16


@pytest.mark.parametrize(
    ("code", "expected"), [("TooManyInvalidationsInProgress", CdnBusy), ("AccessDenied", ClientError)]
)
def test_too_many_at_once_is_told_from_every_other_error(
    distribution: tuple[Distribution, Stubber], code: str, expected: type[Exception]
) -> None:
    cdn, stub = distribution
    stub.add_client_error("create_invalidation", code, http_status_code=400)
    with pytest.raises(expected):
        cdn.invalidate(PATHS, "batch")
