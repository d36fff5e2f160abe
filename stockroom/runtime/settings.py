"""All settings: read once from `STOCKROOM_*` environment variables, typed and validated.

docs/settings.md lists every setting, and a test compares it with this module.
"""

import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from msgspec import Struct
from msgspec.structs import fields

from stockroom.renditions.outputs import JPEG, LARGER, OUTPUT_FORMATS
from stockroom.runtime.licenses import LICENSES

PREFIX = "STOCKROOM_"

OPERATOR_SETTINGS = (
    "STOCKROOM_TICKET_SECONDS",
    "STOCKROOM_GRACE_SECONDS",
    "STOCKROOM_FAILED_DAYS",
    "STOCKROOM_RESTORE_SECONDS",
    "STOCKROOM_MAX_BYTES",
    "STOCKROOM_MAX_PIXELS",
    "STOCKROOM_FORMATS",
    "STOCKROOM_RENDITION_VERSION",
    "STOCKROOM_MAX_FILES",
    "STOCKROOM_MAX_PENDING",
    "STOCKROOM_MAX_DAILY_BYTES",
    "STOCKROOM_MAX_DAILY_FILES",
    "STOCKROOM_STAGE_MAX_PENDING",
    "STOCKROOM_STAGE_MAX_DAILY_BYTES",
    "STOCKROOM_STAGE_MAX_DAILY_FILES",
    "STOCKROOM_CLIENT_RATE",
    "STOCKROOM_VISIBILITY",
    "STOCKROOM_ORIGINALS",
    "STOCKROOM_DEFAULT_LICENSE",
    "STOCKROOM_SHOW_GPS",
    "STOCKROOM_ISSUERS",
    "STOCKROOM_ISSUER_SCOPES",
    "STOCKROOM_ISSUER_CLIENTS",
    "STOCKROOM_AUDIENCE",
)
"""The settings of operators; the deployment passes each one that is set on to the functions."""


OPERATOR_ISSUER = "stockroom"
"""The issuer of the tokens that the operator signs."""

ORIGINALS = ("owner", "license", "everybody")
"""Whom originals are handed out to: their owners, everybody as far as the licence allows, or everybody."""

SCOPES = frozenset({"read", "upload", "admin"})
"""What a token may allow; `admin` includes the others."""


class InvalidSetting(ValueError):
    """A setting with a wrong value; the message names the variable and what its value must be."""


class Settings(Struct, frozen=True, kw_only=True):
    """One function's settings. Sizes are bytes, durations seconds."""

    ticket_seconds: int = 900
    grace_seconds: int = 3600
    failed_days: int = 30
    restore_seconds: int = 600
    max_bytes: int = 50 * 1024 * 1024
    max_pixels: int = 100_000_000
    formats: tuple[str, ...] = ("jpeg", "webp")
    rendition_version: int = 1
    max_files: int = 500
    max_pending: int = 5000
    max_daily_bytes: int = 100 * 1024**3
    max_daily_files: int = 20_000
    stage_max_pending: int = 50_000
    stage_max_daily_bytes: int = 1024**4
    stage_max_daily_files: int = 200_000
    client_rate: int = 20
    visibility: str = "public"
    originals: str = "owner"
    default_license: str = "all-rights-reserved"
    show_gps: str = "off"
    issuers: tuple[str, ...] = (OPERATOR_ISSUER,)
    issuer_scopes: tuple[str, ...] = ()
    issuer_clients: tuple[str, ...] = ()
    audience: str = "stockroom"

    db_host: str = "127.0.0.1"
    db_port: int = 3306
    db_name: str = "stockroom"
    db_user: str = "stockroom"
    db_password: str = ""
    db_ca: str = ""
    db_admin_user: str = ""
    db_admin_password: str = ""
    db_connect_seconds: int = 18
    db_retry_seconds: int = 1
    db_statement_seconds: int = 14

    uploads_bucket: str = ""
    images_bucket: str = ""
    keys_bucket: str = ""
    site_bucket: str = ""
    site_url: str = ""
    s3_endpoint: str = ""
    cdn_secret: str = ""
    distribution_id: str = ""
    jobs_role_id: str = ""
    schedule_group: str = ""
    reaper_arn: str = ""
    reaper_role_arn: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """The settings of an environment; raises InvalidSetting for the first wrong value."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            text = environment.get(name, "")
            if text:
                values[field.name] = _parse(name, text, field.type)
        settings = cls(**values)
        settings._check()
        return settings

    @property
    def further_formats(self) -> tuple[str, ...]:
        """The formats beside JPEG, in the order in which they are made: `LARGER` is the last one."""
        further = (name for name in self.formats if name != JPEG.name)
        return tuple(sorted(further, key=LARGER.name.__eq__))

    @property
    def upload_seconds(self) -> int:
        """How long the upload of an empty file may take, from its ticket on; a file's bytes add to it."""
        return self.ticket_seconds + self.grace_seconds

    @property
    def shows_gps(self) -> bool:
        """Whether everybody learns where the camera stood."""
        return self.show_gps == "on"

    @property
    def oidc_issuers(self) -> tuple[str, ...]:
        """The issuers whose key sets are fetched: OpenID providers, each named by its https address."""
        return tuple(issuer for issuer in self.issuers if issuer.startswith("https://"))

    @property
    def clients(self) -> dict[str, str]:
        """The id by which an OpenID provider knows the page, by issuer: where people can sign in."""
        entries = (entry.rpartition("=") for entry in self.issuer_clients)
        return {issuer.strip(): client_id.strip() for issuer, _, client_id in entries}

    def grantable_scopes(self, issuer: str) -> frozenset[str]:
        """The scopes that are believed in tokens of this issuer.

        They are those of its entry in `issuer_scopes`, such as `https://id.example=read upload`. Without an
        entry, only the operator's own issuer grants `admin`.
        """
        for entry in self.issuer_scopes:
            named, _, scopes = entry.rpartition("=")
            if named.strip() == issuer:
                listed = frozenset(scopes.split())
                return SCOPES if "admin" in listed else listed
        return SCOPES if issuer == OPERATOR_ISSUER else SCOPES - {"admin"}

    def _check(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidSetting(f"{PREFIX}{name.upper()}={value}: must be between {low} and {high}")
        if self.visibility not in ("public", "private"):
            raise InvalidSetting(f"{PREFIX}VISIBILITY={self.visibility}: must be public or private")
        if self.originals not in ORIGINALS:
            raise InvalidSetting(f"{PREFIX}ORIGINALS={self.originals}: must be one of {', '.join(ORIGINALS)}")
        if self.show_gps not in ("on", "off"):
            raise InvalidSetting(f"{PREFIX}SHOW_GPS={self.show_gps}: must be on or off")
        if self.default_license not in LICENSES:
            raise InvalidSetting(
                f"{PREFIX}DEFAULT_LICENSE={self.default_license}: must be one of {', '.join(LICENSES)}"
            )
        if JPEG.name not in self.formats or not set(self.formats) <= OUTPUT_FORMATS.keys():
            *others, last = (name for name in OUTPUT_FORMATS if name != JPEG.name)
            raise InvalidSetting(
                f"{PREFIX}FORMATS={','.join(self.formats)}: must be {JPEG.name}, and may be "
                f"{', '.join(others)} and {last} too"
            )
        if len({issuer_slug(issuer) for issuer in self.issuers}) != len(self.issuers):
            raise InvalidSetting(f"{PREFIX}ISSUERS: two issuers share one key object")
        self._check_issuer_scopes()
        for issuer, client_id in self.clients.items():
            if issuer not in self.oidc_issuers or not client_id:
                raise InvalidSetting(
                    f"{PREFIX}ISSUER_CLIENTS={issuer}={client_id}: must be an https:// issuer of "
                    f"{PREFIX}ISSUERS, '=' and the id by which it knows the page, separated by commas"
                )

    def _check_issuer_scopes(self) -> None:
        seen: set[str] = set()
        for entry in self.issuer_scopes:
            named, _, scopes = entry.rpartition("=")
            issuer = named.strip()
            if issuer not in self.issuers or issuer in seen:
                raise InvalidSetting(
                    f"{PREFIX}ISSUER_SCOPES={entry}: must be an issuer of {PREFIX}ISSUERS, '=' and its "
                    "scopes, one entry for each issuer, separated by commas"
                )
            if not scopes.split() or not SCOPES.issuperset(scopes.split()):
                raise InvalidSetting(
                    f"{PREFIX}ISSUER_SCOPES={entry}: the scopes must be some of {', '.join(sorted(SCOPES))}, "
                    "separated by blanks"
                )
            seen.add(issuer)


_RANGES = {
    "ticket_seconds": (1, 7 * 24 * 3600),
    "grace_seconds": (0, 30 * 24 * 3600),
    "failed_days": (1, 3650),
    "restore_seconds": (0, 30 * 24 * 3600),
    "max_bytes": (1, 5 * 1024**3),
    "max_pixels": (1, 1_000_000_000),
    # All renditions of a picture come with one listing: 100 versions are 700 keys.
    "rendition_version": (1, 100),
    "max_files": (1, 500),
    "max_pending": (1, 1_000_000),
    "max_daily_bytes": (1, 1024**5),
    "max_daily_files": (1, 100_000_000),
    "stage_max_pending": (1, 1_000_000),
    "stage_max_daily_bytes": (1, 1024**5),
    "stage_max_daily_files": (1, 100_000_000),
    "client_rate": (0, 10_000),
    "db_port": (1, 65535),
    "db_connect_seconds": (1, 900),
    "db_retry_seconds": (1, 900),
    "db_statement_seconds": (1, 900),
}


def _parse(name: str, text: str, kind: Any) -> Any:
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise InvalidSetting(f"{name}={text}: must be a whole number") from None
    if get_args(kind):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def issuer_slug(issuer: str) -> str:
    """An issuer as part of an S3 key, and of the path to which the page has it send people back.

    `https://id.example/a` becomes `https-id.example-a`.
    """
    return re.sub(r"[^A-Za-z0-9.]+", "-", issuer).strip("-")


def key_set_name(issuer: str) -> str:
    """The key of an issuer's key set (JWKS) in the keys bucket."""
    return f"jwks/{issuer_slug(issuer)}.json"


@cache
def current() -> Settings:
    """The settings of this process, read at the first call."""
    return Settings.from_environment()
