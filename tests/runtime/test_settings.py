from dataclasses import fields

import pytest

from stockroom.runtime import settings
from stockroom.runtime.settings import InvalidSetting, Settings, issuer_slug


def test_defaults_are_the_documented_ones() -> None:
    current = Settings.from_environment({})
    assert (current.ticket_seconds, current.grace_seconds) == (900, 3600)
    assert (current.max_bytes, current.max_pixels, current.max_files) == (50 * 1024 * 1024, 100_000_000, 500)
    assert current.visibility == "public"


def test_values_are_read_and_typed() -> None:
    current = Settings.from_environment(
        {
            "STOCKROOM_TICKET_SECONDS": "5",
            "STOCKROOM_ISSUERS": "stockroom, https://id.example/a",
            "STOCKROOM_DB_HOST": "db.example",
            "STOCKROOM_MAX_BYTES": "",
        }
    )
    assert current.ticket_seconds == 5
    assert current.issuers == ("stockroom", "https://id.example/a")
    assert current.db_host == "db.example"
    assert current.max_bytes == Settings().max_bytes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOCKROOM_TICKET_SECONDS", "0"),
        ("STOCKROOM_TICKET_SECONDS", "604801"),
        ("STOCKROOM_TICKET_SECONDS", "soon"),
        ("STOCKROOM_MAX_FILES", "501"),
        ("STOCKROOM_VISIBILITY", "secret"),
        ("STOCKROOM_ORIGINALS", "members"),
        ("STOCKROOM_DEFAULT_LICENSE", "WTFPL"),
        ("STOCKROOM_ISSUER_CLIENTS", "https://other.example=page"),
        ("STOCKROOM_ISSUER_CLIENTS", "stockroom=page"),
        ("STOCKROOM_ISSUER_CLIENTS", "https://id.example"),
        ("STOCKROOM_ISSUERS", "a b,a-b"),
        ("STOCKROOM_ISSUER_SCOPES", "stockroom"),
        ("STOCKROOM_ISSUER_SCOPES", "stockroom="),
        ("STOCKROOM_ISSUER_SCOPES", "stockroom=everything"),
        ("STOCKROOM_ISSUER_SCOPES", "https://id.example=read"),
        ("STOCKROOM_ISSUER_SCOPES", "stockroom=read,stockroom=upload"),
        ("STOCKROOM_FORMATS", "webp"),
        ("STOCKROOM_FORMATS", "jpeg,tiff"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=name):
        Settings.from_environment({name: value})


def test_operator_settings_are_settings() -> None:
    names = {settings.PREFIX + field.name.upper() for field in fields(Settings)}
    assert set(settings.OPERATOR_SETTINGS) <= names


def test_the_process_reads_its_environment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    settings.current.cache_clear()
    monkeypatch.setenv("STOCKROOM_MAX_FILES", "7")
    assert settings.current().max_files == 7
    monkeypatch.setenv("STOCKROOM_MAX_FILES", "8")
    assert settings.current().max_files == 7
    settings.current.cache_clear()


def test_issuer_slug() -> None:
    assert issuer_slug("https://id.example/a") == "https-id.example-a"


def test_providers_are_where_people_sign_in() -> None:
    current = Settings.from_environment(
        {
            "STOCKROOM_ISSUERS": "stockroom,https://id.example/a,https://other.example",
            "STOCKROOM_ISSUER_CLIENTS": "https://id.example/a = page",
        }
    )
    assert current.oidc_issuers == ("https://id.example/a", "https://other.example")
    assert current.clients == {"https://id.example/a": "page"}
    with pytest.raises(InvalidSetting, match="knows the page"):
        Settings.from_environment(
            {"STOCKROOM_ISSUERS": "https://id.example", "STOCKROOM_ISSUER_CLIENTS": "https://id.example="}
        )
