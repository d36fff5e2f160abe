"""Changes of the keys bucket by several operators at once, and of objects that are not as they should be."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from operations.keys.bucket import ATTEMPTS, KeysBucket
from operations.keys.signers import FileKeys
from tests.operations.keys.interrupted import Interrupted
from tooling.errors import ToolError

ISSUERS = ("stockroom",)


def put(bucket: KeysBucket, key: str, body: str) -> None:
    bucket.s3.put_object(Bucket=bucket.name, Key=key, Body=body.encode())


def read(bucket: KeysBucket, key: str) -> Any:
    return json.loads(bucket.s3.get_object(Bucket=bucket.name, Key=key)["Body"].read())


@pytest.mark.parametrize("is_first", [True, False])
def test_no_operator_loses_the_entry_of_another(bucket: KeysBucket, is_first: bool) -> None:
    if not is_first:
        bucket.ensure_deny_list()
    interrupted = KeysBucket(
        Interrupted(bucket.s3, lambda n: bucket.deny(issuers=ISSUERS, jti=f"theirs-{n}"), times=2),
        bucket.name,
    )
    interrupted.deny(issuers=ISSUERS, jti="mine")
    assert set(read(bucket, "denied.json")["jti"]) == {"mine", "theirs-0", "theirs-1"}


def test_no_operator_loses_an_entry_at_once(bucket: KeysBucket) -> None:
    bucket.ensure_deny_list()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: bucket.deny(issuers=ISSUERS, jti=f"t{n}"), range(4)))
    assert sorted(read(bucket, "denied.json")["jti"]) == ["t0", "t1", "t2", "t3"]


def test_an_object_that_is_never_still_is_given_up(bucket: KeysBucket) -> None:
    other = Interrupted(
        bucket.s3, lambda n: put(bucket, "denied.json", json.dumps({"jti": [f"x{n}"]})), times=ATTEMPTS
    )
    with pytest.raises(ToolError, match="keeps changing"):
        KeysBucket(other, bucket.name).deny(issuers=ISSUERS, jti="mine")


def test_a_deny_list_that_is_deleted_meanwhile_is_made_again(bucket: KeysBucket) -> None:
    bucket.ensure_deny_list()
    other = Interrupted(
        bucket.s3, lambda _: bucket.s3.delete_object(Bucket=bucket.name, Key="denied.json"), times=1
    )
    KeysBucket(other, bucket.name).deny(issuers=ISSUERS, jti="mine")
    assert read(bucket, "denied.json") == {"jti": ["mine"]}


@pytest.mark.parametrize("body", ["", "[]", "{", '{"jtis": []}', '{"subjects": {"unknown": ["a"]}}'])
def test_a_malformed_deny_list_is_not_replaced(bucket: KeysBucket, body: str) -> None:
    put(bucket, "denied.json", body)
    with pytest.raises(ToolError, match=r"denied\.json"):
        bucket.deny(issuers=ISSUERS, jti="mine")
    assert bucket.s3.get_object(Bucket=bucket.name, Key="denied.json")["Body"].read().decode() == body


def test_what_is_no_key_set_is_not_replaced(bucket: KeysBucket, tmp_path: Any) -> None:
    put(bucket, "jwks/stockroom.json", '{"keys": {}}')
    with pytest.raises(ToolError, match=r"jwks/stockroom\.json is no key set"):
        bucket.add_key("stockroom", FileKeys(tmp_path).make())


def test_a_bucket_that_is_not_there_is_named(bucket: KeysBucket) -> None:
    with pytest.raises(ToolError, match=r"nowhere/denied\.json cannot be"):
        KeysBucket(bucket.s3, "nowhere").ensure_deny_list()
