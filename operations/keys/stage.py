"""The keys of a stage on AWS, where its file says that they lie."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from infra.stage_file import StageFile
from operations.keys import issuer, tokens
from operations.keys.bucket import EXPIRY, KeysBucket
from operations.keys.signers import FileKeys, KmsKeys, SigningKeys
from operations.stack import explained, open_session, read_outputs
from stockroom.runtime.settings import OPERATOR_ISSUER, Settings
from tooling import ROOT
from tooling.errors import ToolError

FETCH_KEYS = "FetchKeysFunction"


@dataclass(frozen=True)
class StageKeys:
    """One stage, by the operator's credentials. A token needs its signing key, and nothing of its stack."""

    stage: StageFile
    session: boto3.Session

    @classmethod
    def open(cls, stage: StageFile) -> StageKeys:
        """Raises ToolError for credentials that are not the stage's own."""
        return cls(stage, open_session(stage))

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.stage.environment)

    @cached_property
    def outputs(self) -> dict[str, str]:
        return dict(read_outputs(self.stage, self.session))

    @cached_property
    def bucket(self) -> KeysBucket:
        return KeysBucket(self.session.client("s3"), self.outputs["KeysBucket"])

    @property
    def place(self) -> str:
        """Where the private half of the signing key lies, in words."""
        if self.stage.signing == "kms":
            return f"KMS, {self._alias}, from where nobody can copy it"
        return f"{self._folder}: keep a copy where you keep secrets"

    @cached_property
    def signing_keys(self) -> SigningKeys:
        if self.stage.signing == "kms":
            return KmsKeys(self.session.client("kms"), self._alias, {"stockroom:stage": self.stage.name})
        if self._folder.is_relative_to(ROOT):
            raise ToolError(f"{self._folder} is in the checkout, where a private key could be committed")
        return FileKeys(self._folder)

    def ensure(self) -> Iterator[str]:
        """Have a signing key, a key set, a deny-list and the keys of providers; lines about each in turn."""
        first, *others = issuer.ensure(self.signing_keys, self.bucket)
        yield f"the key {first['kid']} signs; its private half lies in {self.place}"
        for key in others:
            yield f"the key {key['kid']} is accepted until {_day(key[EXPIRY])}"
        yield f"published in {self.bucket.name}: the key set and the deny-list"
        yield from self._fetch_provider_keys()

    def make_token(self, *, subject: str, scopes: str, days: float, name: str) -> str:
        tokens.check_request(subject=subject, scopes=scopes, days=days)
        return tokens.make_token(
            issuer.require_signer(self.signing_keys),
            issuer=OPERATOR_ISSUER,
            audience=self.settings.audience,
            subject=subject,
            scopes=scopes,
            days=days,
            name=name,
        )

    def rotate(self) -> str:
        return issuer.rotate(self.signing_keys, self.bucket).kid

    def withdraw(self, kid: str) -> None:
        issuer.withdraw(self.signing_keys, self.bucket, kid)

    def revoke(self, *, jti: str, named_issuer: str, subject: str) -> str:
        return issuer.revoke(
            self.bucket, self._deployed_issuers, jti=jti, issuer=named_issuer, subject=subject
        )

    def check_dropped_issuers(self) -> None:
        """Raise ToolError where the deny-list names people of an issuer that the stage's file no longer has.

        Once that is deployed, such a list lets nobody in.
        """
        if set(self._deployed_issuers) - set(self.settings.issuers):
            self.bucket.check_deny_list(self.settings.issuers)

    @property
    def _deployed_issuers(self) -> Sequence[str]:
        """The issuers that the functions trust, from which the stage's file may differ."""
        deployed = self.outputs.get("Issuers")
        return deployed.split(",") if deployed else self.settings.issuers

    @property
    def _alias(self) -> str:
        return f"alias/{self.stage.stack_name}-signing"

    @property
    def _folder(self) -> Path:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return (base / "stockroom" / self.stage.stack_name).resolve()

    def _fetch_provider_keys(self) -> list[str]:
        """Have the keys of OpenID providers fetched now, rather than within the hour."""
        if FETCH_KEYS not in self.outputs:
            return []
        with explained():
            answer: Any = self.session.client("lambda").invoke(FunctionName=self.outputs[FETCH_KEYS])
            result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise ToolError(f"the keys of a provider were not fetched: {result.get('errorMessage')}")
        return [f"fetched from {provider}: {count} keys" for provider, count in result.items()]


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
