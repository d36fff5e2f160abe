"""The signing keys of a local stack: PEM files in the data folder, which say what the key set is.

The newest key signs. Tokens of an older key stay valid until its file is removed: a new key signs nobody out.
"""

from typing import Any

from local import emulator
from local.layout import Layout
from operations.keys import issuer, tokens
from operations.keys.bucket import KeysBucket
from operations.keys.signers import FileKeys, FileSigner, make_jwk
from stockroom.runtime.settings import OPERATOR_ISSUER, Settings

MAX_DAYS = tokens.MAX_DAYS


def signing_keys(layout: Layout) -> FileKeys:
    return FileKeys(layout.keys)


def ensure(layout: Layout) -> FileSigner:
    """The key that signs; a new one if there is none."""
    keys = signing_keys(layout)
    return keys.current() or keys.use(keys.make())


def rotate(layout: Layout) -> str:
    """Make a new signing key, and publish it where a stack runs; returns its key id."""
    keys = signing_keys(layout)
    kid = keys.use(keys.make()).kid
    if emulator.is_running(layout):
        publish(layout, emulator.client(layout, "s3"), layout.outputs()["KeysBucket"])
    return kid


def show(layout: Layout) -> list[str]:
    """Have a signing key, and publish the keys of a running stack; returns lines about them."""
    ensure(layout)
    if is_running := emulator.is_running(layout):
        publish(layout, emulator.client(layout, "s3"), layout.outputs()["KeysBucket"])
    first, *others = signing_keys(layout).find_all()
    return [
        f"the key {first.kid} signs; its private half lies in {layout.keys}",
        *(f"the key {each.kid} is accepted, too" for each in others),
        "published" if is_running else "`make up` publishes them",
    ]


def jwks(layout: Layout) -> dict[str, list[dict[str, str]]]:
    """The public keys, newest first."""
    return {"keys": [make_jwk(signer) for signer in signing_keys(layout).find_all()]}


def publish(layout: Layout, s3: Any, bucket: str) -> None:
    """Put the public keys into the bucket that the functions read, and an empty deny-list if it has none.

    Without a deny-list the functions let nobody in.
    """
    keys_bucket = KeysBucket(s3, bucket)
    keys_bucket.replace_keys(OPERATOR_ISSUER, signing_keys(layout).find_all())
    keys_bucket.ensure_deny_list()


def token(layout: Layout, *, subject: str, scopes: str, days: float, name: str = "") -> str:
    """A signed sign-in token; spaces or commas separate `scopes`, and others see its holder as `name`.

    Raises ToolError for a subject that no token can have, a scope that there is not, or a lifetime outside
    0 < days ≤ 30.
    """
    tokens.check_request(subject=subject, scopes=scopes, days=days)
    return tokens.make_token(
        ensure(layout),
        issuer=OPERATOR_ISSUER,
        audience=Settings.from_environment().audience,
        subject=subject,
        scopes=scopes,
        days=days,
        name=name,
    )


def withdraw(layout: Layout, kid: str) -> str:
    """Have a running stack accept no token of a key any more; returns the id of the key that signs now.

    Raises ToolError for a key that is not known, and when no stack runs.
    """
    bucket = _running_bucket(layout)
    issuer.withdraw(signing_keys(layout), bucket, kid)
    current = ensure(layout)
    bucket.replace_keys(OPERATOR_ISSUER, signing_keys(layout).find_all())
    return current.kid


def revoke(layout: Layout, *, jti: str = "", named_issuer: str = "", subject: str = "") -> str:
    """Put a token, or all tokens of a person, on the deny-list of a running stack; returns words about it."""
    trusted = Settings.from_environment().issuers
    return issuer.revoke(_running_bucket(layout), trusted, jti=jti, issuer=named_issuer, subject=subject)


def _running_bucket(layout: Layout) -> KeysBucket:
    emulator.check_running(layout)
    return KeysBucket(emulator.client(layout, "s3"), layout.outputs()["KeysBucket"])
