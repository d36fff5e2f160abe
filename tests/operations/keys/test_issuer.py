"""The operator's keys and tokens, in KMS and in files, as the library's own verifier sees them."""

import json
import shutil
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt
import pytest

from local import emulator
from local.layout import Layout
from operations.keys import issuer as module
from operations.keys import tokens
from operations.keys.bucket import Document, KeysBucket
from operations.keys.signers import FileKeys, KmsKeys, KmsSigner, Signer, SigningKeys
from stockroom.api.auth import Caller, Verifier
from stockroom.images.storage import Storage
from stockroom.runtime.errors import Unauthenticated
from stockroom.runtime.settings import Settings
from tests.operations.keys.interrupted import Interrupted
from tooling.errors import ToolError

ISSUERS = ("stockroom", "https://id.example/a")


@dataclass(frozen=True)
class Issuer:
    """The operator's keys and the bucket of one library."""

    signing_keys: SigningKeys
    bucket: KeysBucket

    def ensure(self) -> list[Document]:
        return module.ensure(self.signing_keys, self.bucket)

    def rotate(self) -> Signer:
        return module.rotate(self.signing_keys, self.bucket)

    def withdraw(self, kid: str) -> None:
        module.withdraw(self.signing_keys, self.bucket, kid)

    def revoke(self, **entry: str) -> str:
        return module.revoke(self.bucket, ISSUERS, **entry)


@pytest.fixture
def issuer(signing_keys: SigningKeys, bucket: KeysBucket) -> Issuer:
    return Issuer(signing_keys, bucket)


@pytest.fixture
def storage(emulated: Layout, bucket: KeysBucket, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """The keys bucket as the functions read it."""
    environment = {**emulator.credentials(emulated), "AWS_ENDPOINT_URL": emulator.endpoint(emulated)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Storage(Settings(keys_bucket=bucket.name))


@pytest.fixture
def authenticate(storage: Storage) -> Any:
    """Checks a token as a function does that has just started."""

    def check(token: str) -> Caller:
        settings = Settings(issuers=ISSUERS, audience="library")
        return Verifier(settings, storage.read_key_object).authenticate(f"Bearer {token}")

    return check


def make_token(issuer: Issuer, subject: str = "alice", **options: Any) -> str:
    return tokens.make_token(
        module.require_signer(issuer.signing_keys),
        issuer="stockroom",
        audience="library",
        subject=subject,
        scopes="read upload",
        days=1,
        **options,
    )


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def test_a_token_signs_somebody_in(issuer: Issuer, authenticate: Any) -> None:
    (key,) = issuer.ensure()
    token = make_token(issuer, name="Alice A.")
    caller = authenticate(token)
    assert (caller.issuer, caller.subject, caller.name) == ("stockroom", "alice", "Alice A.")
    assert caller.scopes == {"read", "upload"}
    assert kid_of(token) == key["kid"]


def test_the_key_set_holds_public_parts_only(issuer: Issuer) -> None:
    (key,) = issuer.ensure()
    assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}


def test_a_kid_is_the_thumbprint_of_rfc_7638(issuer: Issuer) -> None:
    (key,) = issuer.ensure()
    canonical = f'{{"e":"{key["e"]}","kty":"RSA","n":"{key["n"]}"}}'.encode()
    assert key["kid"] == jwt.utils.base64url_encode(sha256(canonical).digest()).decode()


def test_making_keys_again_changes_nothing(issuer: Issuer, s3: Any) -> None:
    first = issuer.ensure()
    issuer.revoke(jti="x")
    etag = s3.head_object(Bucket=issuer.bucket.name, Key="jwks/stockroom.json")["LastModified"]
    assert issuer.ensure() == first
    assert s3.head_object(Bucket=issuer.bucket.name, Key="jwks/stockroom.json")["LastModified"] == etag
    denied = s3.get_object(Bucket=issuer.bucket.name, Key="denied.json")["Body"].read()
    assert json.loads(denied) == {"jti": ["x"]}


def test_no_token_is_signed_before_there_is_a_key(issuer: Issuer) -> None:
    with pytest.raises(ToolError, match="make keys"):
        make_token(issuer)


def test_a_rotation_signs_nobody_out(issuer: Issuer, authenticate: Any) -> None:
    issuer.ensure()
    old = make_token(issuer)
    new_key = issuer.rotate()
    new = make_token(issuer)
    assert kid_of(new) == new_key.kid != kid_of(old)
    assert authenticate(old).subject == authenticate(new).subject == "alice"


def test_a_rotation_gives_the_older_private_key_up(issuer: Issuer) -> None:
    issuer.ensure()
    old = kid_of(make_token(issuer))
    issuer.rotate()
    assert issuer.signing_keys.find(old) is None


def test_an_older_key_leaves_the_key_set_when_its_last_token_has_expired(issuer: Issuer) -> None:
    issuer.ensure()
    issuer.rotate()
    new, old = issuer.ensure()
    assert "exp" not in new
    assert 30 * 86400 < old["exp"] - time.time() <= 31 * 86400
    later = KeysBucket(issuer.bucket.s3, issuer.bucket.name, clock=lambda: old["exp"] + 1)
    assert Issuer(issuer.signing_keys, later).ensure() == [new]


def test_a_rotation_that_fails_leaves_the_older_key_in_charge(
    issuer: Issuer, authenticate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.ensure()
    old = kid_of(make_token(issuer))

    def fail(*_: object) -> None:
        raise ToolError("away")

    with monkeypatch.context() as patch:
        patch.setattr(type(issuer.signing_keys), "use", fail)
        with pytest.raises(ToolError, match="away"):
            issuer.rotate()
    token = make_token(issuer)
    assert kid_of(token) == old
    assert authenticate(token).subject == "alice"
    (key,) = issuer.bucket.keys("stockroom")
    assert key["kid"] == old
    assert "exp" not in key
    assert issuer.ensure() == [key]


def test_a_withdrawn_key_signs_nobody_in(issuer: Issuer, authenticate: Any) -> None:
    issuer.ensure()
    token = make_token(issuer)
    issuer.withdraw(kid_of(token))
    with pytest.raises(Unauthenticated):
        authenticate(token)
    with pytest.raises(ToolError, match="make keys"):
        make_token(issuer)
    (key,) = issuer.ensure()
    assert key["kid"] != kid_of(token)
    assert authenticate(make_token(issuer)).subject == "alice"


def test_a_copy_of_a_withdrawn_key_is_not_published_again(
    bucket: KeysBucket, tmp_path: Any, authenticate: Any
) -> None:
    """Another operator's machine, or a restored one, has the file still."""
    here, there = Issuer(FileKeys(tmp_path / "here"), bucket), Issuer(FileKeys(tmp_path / "there"), bucket)
    here.ensure()
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    stolen = make_token(here)
    here.withdraw(kid_of(stolen))
    here.ensure()
    with pytest.raises(ToolError, match=f"the key {kid_of(stolen)} was withdrawn"):
        there.ensure()
    with pytest.raises(Unauthenticated, match="not known here"):
        authenticate(stolen)
    # What gets rid of the copy; then there is no obstacle.
    there.withdraw(kid_of(stolen))
    there.ensure()
    assert authenticate(make_token(there)).subject == "alice"


def test_a_copy_of_a_replaced_key_does_not_become_the_newest_again(
    bucket: KeysBucket, tmp_path: Any, authenticate: Any
) -> None:
    here, there = Issuer(FileKeys(tmp_path / "here"), bucket), Issuer(FileKeys(tmp_path / "there"), bucket)
    here.ensure()
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    new = here.rotate().kid
    published = bucket.keys("stockroom")
    for command in (there.ensure, there.rotate):
        with pytest.raises(ToolError, match=f"was replaced by {new}"):
            command()
    assert bucket.keys("stockroom") == published
    # Once the newer key is withdrawn, the older one is the newest that is left.
    here.withdraw(new)
    there.ensure()
    assert authenticate(make_token(there)).subject == "alice"


def test_of_two_rotations_at_once_one_counts(issuer: Issuer, authenticate: Any) -> None:
    issuer.ensure()
    made: list[Signer] = []
    faster: list[Signer] = []
    other = Interrupted(issuer.bucket.s3, lambda _: faster.append(issuer.rotate()), times=1)
    signing_keys = _Recording(issuer.signing_keys, made)
    with pytest.raises(ToolError, match="another operator has changed the key set"):
        module.rotate(signing_keys, KeysBucket(other, issuer.bucket.name))
    (counts,) = faster
    assert issuer.bucket.keys("stockroom")[0]["kid"] == counts.kid
    assert kid_of(make_token(issuer)) == counts.kid
    assert authenticate(make_token(issuer)).subject == "alice"
    (lost,) = made
    assert _is_given_up(issuer.signing_keys, lost)


def test_a_rotation_that_was_cut_short_is_taken_back(issuer: Issuer, authenticate: Any) -> None:
    """The process ended between its two steps, and nobody has the new key."""
    issuer.ensure()
    token = make_token(issuer)
    lost = issuer.signing_keys.make()
    issuer.bucket.add_key("stockroom", lost)
    for command in (issuer.ensure, issuer.rotate):
        with pytest.raises(ToolError, match=f"`make withdraw KID={lost.kid}` takes it back"):
            command()
    issuer.withdraw(lost.kid)
    (key,) = issuer.ensure()
    assert key["kid"] == kid_of(token)
    assert "exp" not in key
    assert authenticate(token).subject == "alice"


def test_a_withdrawal_leaves_the_key_that_another_operator_has_just_made(issuer: Issuer) -> None:
    issuer.ensure()
    old = kid_of(make_token(issuer))
    other = Interrupted(issuer.bucket.s3, lambda _: issuer.rotate(), times=1)
    module.withdraw(issuer.signing_keys, KeysBucket(other, issuer.bucket.name), old)
    (key,) = issuer.bucket.keys("stockroom")
    assert key["kid"] == kid_of(make_token(issuer)) != old


def test_a_write_whose_answer_is_lost_is_no_other_operators(issuer: Issuer) -> None:
    issuer.ensure()
    new = issuer.signing_keys.make()
    before = issuer.bucket.keys("stockroom")
    # The client sends such a write again, and storage refuses the second one.
    other = Interrupted(issuer.bucket.s3, lambda _: issuer.bucket.add_key("stockroom", new), times=1)
    KeysBucket(other, issuer.bucket.name).add_key("stockroom", new, expected=before)
    assert [key["kid"] for key in issuer.bucket.keys("stockroom")] == [new.kid, before[0]["kid"]]


class _Recording:
    """Signing keys that note down which are made."""

    def __init__(self, keys: SigningKeys, made: list[Signer]) -> None:
        self._keys = keys
        self._made = made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)

    def make(self) -> Signer:
        self._made.append(self._keys.make())
        return self._made[-1]


def _is_given_up(keys: SigningKeys, signer: Signer) -> bool:
    if isinstance(keys, KmsKeys):
        assert isinstance(signer, KmsSigner)
        state = keys.kms.describe_key(KeyId=signer.key_id)["KeyMetadata"]["KeyState"]
        return bool(state == "PendingDeletion")
    return keys.find(signer.kid) is None


def test_an_older_key_is_withdrawn_without_the_newer_one(issuer: Issuer, authenticate: Any) -> None:
    issuer.ensure()
    old = make_token(issuer)
    issuer.rotate()
    issuer.withdraw(kid_of(old))
    with pytest.raises(Unauthenticated):
        authenticate(old)
    assert authenticate(make_token(issuer)).subject == "alice"


def test_an_unknown_key_cannot_be_withdrawn(issuer: Issuer) -> None:
    (key,) = issuer.ensure()
    with pytest.raises(ToolError, match=str(key["kid"])):
        issuer.withdraw("another")
    with pytest.raises(ToolError, match="KID="):
        issuer.withdraw("")


@pytest.mark.parametrize("by", ["id", "token"])
def test_a_token_can_be_revoked(issuer: Issuer, authenticate: Any, by: str) -> None:
    issuer.ensure()
    token, other = make_token(issuer), make_token(issuer)
    jti = jwt.decode(token, options={"verify_signature": False})["jti"]
    assert "is withdrawn" in issuer.revoke(jti=token if by == "token" else jti)
    assert "already" in issuer.revoke(jti=jti)
    with pytest.raises(Unauthenticated, match="withdrawn"):
        authenticate(token)
    assert authenticate(other).subject == "alice"


def test_a_person_can_be_revoked(issuer: Issuer, authenticate: Any) -> None:
    issuer.ensure()
    issuer.revoke(subject="alice")
    issuer.revoke(subject="248289761001", issuer="https://id.example/a")
    issuer.revoke(subject="mallory")
    with pytest.raises(Unauthenticated, match="withdrawn"):
        authenticate(make_token(issuer))
    with pytest.raises(Unauthenticated, match="withdrawn"):
        authenticate(make_token(issuer, subject="mallory"))
    assert authenticate(make_token(issuer, subject="bob")).subject == "bob"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"subject": "alice", "issuer": "https://id.exmaple"}, "no issuer of STOCKROOM_ISSUERS"),
        ({"subject": " alice"}, "withdraws nothing"),
        ({"jti": "x\u200b"}, "withdraws nothing"),
        ({}, "JTI="),
        ({"jti": "x", "subject": "alice"}, "JTI="),
    ],
)
def test_an_entry_without_effect_is_refused(
    issuer: Issuer, authenticate: Any, entry: dict[str, str], message: str
) -> None:
    issuer.ensure()
    with pytest.raises(ToolError, match=message):
        issuer.revoke(**entry)
    assert authenticate(make_token(issuer)).subject == "alice"


def test_a_token_is_for_somebody(issuer: Issuer) -> None:
    issuer.ensure()
    with pytest.raises(ToolError, match="SUB="):
        make_token(issuer, subject="")
    with pytest.raises(ToolError, match="blanks"):
        make_token(issuer, subject="alice ")


def test_a_key_in_kms_is_of_the_kind_that_the_functions_accept(
    kms: Any, kms_keys: KmsKeys, bucket: KeysBucket
) -> None:
    issuer = Issuer(kms_keys, bucket)
    issuer.ensure()
    key = kms.describe_key(KeyId=kms_keys.alias)["KeyMetadata"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("RSA_2048", "SIGN_VERIFY")
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [
        {"TagKey": "stockroom:stage", "TagValue": "test"}
    ]


def test_a_key_in_kms_that_was_rotated_or_withdrawn_is_deleted_after_thirty_days(
    kms: Any, kms_keys: KmsKeys, bucket: KeysBucket
) -> None:
    issuer = Issuer(kms_keys, bucket)
    issuer.ensure()
    first = kms.describe_key(KeyId=kms_keys.alias)["KeyMetadata"]["KeyId"]
    issuer.rotate()
    second = kms.describe_key(KeyId=kms_keys.alias)["KeyMetadata"]["KeyId"]
    assert kms.describe_key(KeyId=first)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert kms.describe_key(KeyId=second)["KeyMetadata"]["KeyState"] == "Enabled"
    issuer.withdraw(str(issuer.bucket.keys("stockroom")[0]["kid"]))
    assert kms.describe_key(KeyId=second)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert kms_keys.current() is None


def test_of_two_first_keys_in_kms_one_signs_and_the_other_is_deleted(kms: Any, kms_keys: KmsKeys) -> None:
    mine = kms_keys.make()
    theirs = kms_keys.make()
    assert kms_keys.use(theirs).key_id == theirs.key_id
    # As this operator saw it before the other one's key was in use.
    unaware = KmsKeys(_Unaware(kms), kms_keys.alias, {})
    assert unaware.use(mine).kid == theirs.kid
    assert kms.describe_key(KeyId=mine.key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert kms.describe_key(KeyId=theirs.key_id)["KeyMetadata"]["KeyState"] == "Enabled"


def test_a_key_in_kms_that_another_operator_has_given_up_is_no_obstacle(kms: Any, kms_keys: KmsKeys) -> None:
    key = kms_keys.make()
    # The emulator lets a deletion be scheduled twice, and KMS does not.
    KmsKeys(_Refusing(kms), kms_keys.alias, {}).retire(key, is_current=False)


class _Refusing:
    """A client of KMS that finds each key pending deletion."""

    def __init__(self, kms: Any) -> None:
        self.exceptions = kms.exceptions

    def schedule_key_deletion(self, **_: Any) -> Any:
        raise self.exceptions.KMSInvalidStateException(
            {"Error": {"Code": "KMSInvalidStateException", "Message": "pending deletion"}},
            "ScheduleKeyDeletion",
        )


def test_a_key_that_kms_does_not_know_everywhere_yet_is_waited_for(
    kms: Any, kms_keys: KmsKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    made = KmsKeys(_Unaware(kms), kms_keys.alias, {}).make()
    assert kms.describe_key(KeyId=made.key_id)["KeyMetadata"]["KeyState"] == "Enabled"


class _Unaware:
    """A client of KMS that finds no key at the first question."""

    def __init__(self, kms: Any) -> None:
        self._kms = kms
        self._asked = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kms, name)

    def get_public_key(self, **arguments: Any) -> Any:
        if not self._asked:
            self._asked = True
            arguments = {"KeyId": "alias/absent"}
        return self._kms.get_public_key(**arguments)


def test_a_foreign_file_among_the_keys_is_named(tmp_path: Any) -> None:
    (tmp_path / "0000000000001-x.pem").write_text("no key")
    with pytest.raises(ToolError, match=r"0000000000001-x\.pem is no private key"):
        FileKeys(tmp_path).current()
