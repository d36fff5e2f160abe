import pytest
from msgspec.structs import fields

from stockroom.runtime import settings
from stockroom.runtime.licenses import LICENSES
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


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ORIGINALS", "members", "=members: must be one of owner, license, everybody"),
        ("SHOW_GPS", "maybe", "=maybe: must be on or off"),
        ("DEFAULT_LICENSE", "WTFPL", f"=WTFPL: must be one of {', '.join(LICENSES)}"),
        ("FORMATS", "webp, tiff", "=webp,tiff: must be jpeg, and may be webp, avif and 1440p too"),
        (
            "ISSUER_SCOPES",
            "stockroom=read,stockroom=upload",
            "=stockroom=upload: must be an issuer of STOCKROOM_ISSUERS, '=' and its scopes, one entry for "
            "each issuer, separated by commas",
        ),
        (
            "ISSUER_SCOPES",
            "stockroom=everything",
            "=stockroom=everything: the scopes must be some of admin, read, upload, separated by blanks",
        ),
    ],
)
def test_what_a_value_must_be_is_said(name: str, value: str, message: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        Settings.from_environment({f"STOCKROOM_{name}": value})
    assert str(raised.value) == f"STOCKROOM_{name}{message}"


def test_the_last_of_the_choices_can_be_chosen() -> None:
    current = Settings.from_environment(
        {
            "STOCKROOM_VISIBILITY": "private",
            "STOCKROOM_ORIGINALS": "everybody",
            "STOCKROOM_SHOW_GPS": "on",
            "STOCKROOM_FORMATS": "jpeg,webp,avif",
        }
    )
    assert (current.visibility, current.originals, current.shows_gps) == ("private", "everybody", True)
    assert current.formats == ("jpeg", "webp", "avif")


def test_what_issuers_may_grant() -> None:
    """An address may have an = of its own."""
    current = Settings.from_environment(
        {
            "STOCKROOM_ISSUERS": "stockroom,https://id.example/?a=b,https://trusted.example,https://other.example",
            "STOCKROOM_ISSUER_SCOPES": "https://id.example/?a=b = read, https://trusted.example=admin",
        }
    )
    everything = {"read", "upload", "admin"}
    assert current.grantable_scopes("https://id.example/?a=b") == {"read"}
    assert current.grantable_scopes("https://trusted.example") == everything
    assert current.grantable_scopes("https://other.example") == {"read", "upload"}
    assert current.grantable_scopes("stockroom") == everything


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
    assert issuer_slug("https://ID.example/?X/") == "https-ID.example-X"


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
