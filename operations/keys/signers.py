"""Signing keys: RSA keys for RS256, whose private half lies in AWS KMS or in a file of the operator's.

A key set (JWKS) holds the public halves, so a private key is needed for new tokens alone: when a newer key
signs, the older one can go, and its tokens stay valid.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jwt.utils import base64url_encode, to_base64url_uint

from tooling.errors import ToolError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

DELETION_DAYS = 30
"""Days that KMS keeps a retired key, during which the deletion can be cancelled and nothing is charged."""
NEW_KEY_ATTEMPTS = 10
"""Reads, a second apart, of a key that was just made."""


class Signer(Protocol):
    """One signing key."""

    @property
    def kid(self) -> str:
        """The key's id: a token names it, and so does the key set."""
        ...

    @property
    def public_key(self) -> rsa.RSAPublicKey: ...

    def sign(self, message: bytes) -> bytes:
        """A signature by RSASSA-PKCS1-v1_5 with SHA-256, which JWTs call RS256."""
        ...


class SigningKeys(Protocol):
    """The place of an issuer's signing keys. One of them signs new tokens."""

    def current(self) -> Signer | None:
        """The key that signs new tokens."""
        ...

    def find(self, kid: str) -> Signer | None:
        """The key of this id, if its private half is still there."""
        ...

    def make(self) -> Signer:
        """A new key, which signs no tokens before `use`."""
        ...

    def use(self, signer: Signer) -> Signer:
        """Have a new key sign from now on. Returns the key that does, which may be one made meanwhile."""
        ...

    def retire(self, signer: Signer, *, is_current: bool) -> None:
        """Give up the private half, for good. `is_current`: it signs, and afterwards none does."""
        ...


def make_jwk(signer: Signer) -> dict[str, str]:
    """The public half as a key set lists it (RFC 7517)."""
    return {"use": "sig", "alg": "RS256", "kid": signer.kid, **_required_members(signer.public_key)}


def thumbprint(public_key: rsa.RSAPublicKey) -> str:
    """The key's JWK thumbprint (RFC 7638): an id that anybody can compute from the public half."""
    canonical = json.dumps(_required_members(public_key), sort_keys=True, separators=(",", ":"))
    return base64url_encode(hashlib.sha256(canonical.encode()).digest()).decode()


def _required_members(public_key: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = public_key.public_numbers()
    return {"kty": "RSA", "n": _encode(numbers.n), "e": _encode(numbers.e)}


def _encode(number: int) -> str:
    return to_base64url_uint(number).decode()


@dataclass(frozen=True)
class FileSigner:
    """A private key in memory, read from a PEM file or about to become one."""

    kid: str
    private_key: rsa.RSAPrivateKey

    @property
    def public_key(self) -> rsa.RSAPublicKey:
        return self.private_key.public_key()

    def sign(self, message: bytes) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        return self.private_key.sign(message, padding.PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True)
class FileKeys:
    """Private keys as PEM files of a folder, for their owner alone. The newest one signs."""

    folder: Path

    def current(self) -> FileSigner | None:
        paths = self._paths()
        return _read(paths[-1]) if paths else None

    def find(self, kid: str) -> FileSigner | None:
        path = self._find_path(kid)
        return _read(path) if path else None

    def find_all(self) -> list[FileSigner]:
        """All keys, newest first."""
        return [_read(path) for path in reversed(self._paths())]

    def make(self) -> FileSigner:
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return FileSigner(thumbprint(key.public_key()), key)

    def use(self, signer: Signer) -> FileSigner:
        from cryptography.hazmat.primitives import serialization

        assert isinstance(signer, FileSigner)  # noqa: S101
        pem = signer.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The name holds the time, because copying a folder may change the files' own times.
        path = self.folder / f"{int(time.time() * 1000):013d}-{signer.kid}.pem"
        draft = path.with_name(f".{path.name}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
        draft.replace(path)
        return signer

    def retire(self, signer: Signer, *, is_current: bool) -> None:  # noqa: ARG002
        path = self._find_path(signer.kid)
        if path:
            path.unlink()

    def _paths(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self.folder.glob("[0-9]*-*.pem"))

    def _find_path(self, kid: str) -> Path | None:
        return next((path for path in self._paths() if _kid(path) == kid), None)


def _kid(path: Path) -> str:
    return path.stem.partition("-")[2]


def _read(path: Path) -> FileSigner:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise ToolError(f"{path} is no private key: {error}") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ToolError(f"{path} is not an RSA key")
    return FileSigner(_kid(path), key)


@dataclass(frozen=True)
class KmsSigner:
    """A key whose private half never leaves KMS."""

    kms: Any
    key_id: str
    public_key: rsa.RSAPublicKey

    @property
    def kid(self) -> str:
        return thumbprint(self.public_key)

    def sign(self, message: bytes) -> bytes:
        with _kms_errors():
            # KMS takes no message of more than 4,096 bytes, but the digest of any.
            answer = self.kms.sign(
                KeyId=self.key_id,
                Message=hashlib.sha256(message).digest(),
                MessageType="DIGEST",
                SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
            )
        signature: bytes = answer["Signature"]
        return signature


@dataclass(frozen=True)
class KmsKeys:
    """Keys in KMS. The one that the alias leads to signs; it is the only one that is paid for."""

    kms: Any
    alias: str
    tags: dict[str, str]

    def current(self) -> KmsSigner | None:
        try:
            return self._read(self.alias)
        except self.kms.exceptions.NotFoundException:
            return None

    def find(self, kid: str) -> KmsSigner | None:
        current = self.current()
        return current if current and current.kid == kid else None

    def make(self) -> KmsSigner:
        with _kms_errors():
            made = self.kms.create_key(
                KeySpec="RSA_2048",
                KeyUsage="SIGN_VERIFY",
                Description=f"Signs sign-in tokens of Stockroom ({self.alias})",
                Tags=[{"TagKey": name, "TagValue": value} for name, value in self.tags.items()],
            )
        return self._read_new(made["KeyMetadata"]["Arn"])

    def use(self, signer: Signer) -> KmsSigner:
        assert isinstance(signer, KmsSigner)  # noqa: S101
        with _kms_errors():
            if self.current() is not None:
                self.kms.update_alias(AliasName=self.alias, TargetKeyId=signer.key_id)
                return signer
            try:
                self.kms.create_alias(AliasName=self.alias, TargetKeyId=signer.key_id)
                return signer
            except self.kms.exceptions.AlreadyExistsException:
                # Another operator has made the first key at the same time.
                self.retire(signer, is_current=False)
            return self._read_new(self.alias)

    def retire(self, signer: Signer, *, is_current: bool) -> None:
        assert isinstance(signer, KmsSigner)  # noqa: S101
        with _kms_errors():
            # The caller says so, because KMS may go on for seconds to tell of an alias what it was before.
            if is_current:
                self.kms.delete_alias(AliasName=self.alias)
            # From now on the key signs nothing. Another operator may have given it up at the same time.
            with suppress(self.kms.exceptions.KMSInvalidStateException):
                self.kms.schedule_key_deletion(KeyId=signer.key_id, PendingWindowInDays=DELETION_DAYS)

    def _read_new(self, key_id: str) -> KmsSigner:
        """A key or an alias that was just made, which KMS may not know everywhere at once."""
        for _ in range(NEW_KEY_ATTEMPTS):
            try:
                return self._read(key_id)
            except self.kms.exceptions.NotFoundException:
                time.sleep(1)
        raise ToolError(f"KMS does not find {key_id} yet, which was just made: try again")

    def _read(self, key_id: str) -> KmsSigner:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        with _kms_errors(but=self.kms.exceptions.NotFoundException):
            answer = self.kms.get_public_key(KeyId=key_id)
        public_key = serialization.load_der_public_key(answer["PublicKey"])
        if not isinstance(public_key, rsa.RSAPublicKey):
            raise ToolError(f"the key of {key_id} in KMS is not an RSA key")
        return KmsSigner(self.kms, answer["KeyId"], public_key)


@contextmanager
def _kms_errors(but: type[Exception] | tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turns errors of KMS inside the `with` block into ToolError, except those of the class `but`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except but:
        raise
    except (BotoCoreError, ClientError) as error:
        raise ToolError(f"KMS: {error}") from error
