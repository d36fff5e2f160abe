"""The package may be imported without libvips, and whoever lists formats lists those that it has."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from stockroom import renditions
from stockroom.api import schemas
from stockroom.renditions import SOURCE_FORMATS, SourceFormat
from stockroom.renditions.outputs import JPEG, OUTPUT_FORMATS, OutputFormat
from stockroom.runtime.settings import InvalidSetting, Settings
from stockroom.uploads import media_types
from stockroom_client.media_types import HEAD_SIZE, sniff
from tests.client.library import FORMATS
from tests.renditions.images import photo_of

ROOT = Path(__file__).parents[2]
PAGE_SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "frontend" / "src").rglob("*.ts")))


@pytest.mark.parametrize(
    "program",
    [
        "import stockroom.renditions",
        "from stockroom.renditions import SOURCE_FORMATS",
        "import stockroom.renditions.outputs",
        "import stockroom.renditions.sandbox.decoder",
    ],
)
def test_libvips_is_loaded_only_by_render(program: str) -> None:
    program = f"import sys; {program}; sys.exit('pyvips' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_caller_of_the_decoder_loads_no_source_format() -> None:
    program = (
        "import sys, stockroom.renditions.sandbox.decoder; "
        "sys.exit('stockroom.renditions.sources' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_package_imports_nothing_else_of_stockroom() -> None:
    program = (
        "import sys; from stockroom.renditions.sandbox import decoder, worker; "
        "print(*[m for m in sys.modules if m.startswith('stockroom')])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    others = {module for module in ran.stdout.split() if not module.startswith("stockroom.renditions")}
    assert others == {"stockroom"}


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        renditions.nothing  # noqa: B018


def test_an_upload_may_declare_the_type_of_every_source_format() -> None:
    assert set(media_types.ACCEPTED) == {format_.media_type for format_ in SOURCE_FORMATS}


@pytest.mark.parametrize("format_", [pytest.param(f, id=f.name) for f in SOURCE_FORMATS])
def test_the_command_line_recognises_every_source_format(format_: SourceFormat) -> None:
    assert sniff(photo_of(format_.name)[:HEAD_SIZE], FORMATS) == format_.media_type


FURTHER = [pytest.param(f, id=f.name) for f in OUTPUT_FORMATS.values() if f is not JPEG]


@pytest.mark.parametrize("format_", FURTHER)
def test_the_page_offers_every_output_format(format_: OutputFormat) -> None:
    assert f"'{format_.name}'" in PAGE_SOURCES


@pytest.mark.parametrize("format_", FURTHER)
def test_every_output_format_may_be_set(format_: OutputFormat) -> None:
    settings = Settings.from_environment({"STOCKROOM_FORMATS": f"jpeg,{format_.name}"})
    assert settings.formats == ("jpeg", format_.name)
    with pytest.raises(InvalidSetting, match=format_.name):
        Settings.from_environment({"STOCKROOM_FORMATS": "jpeg,bmp"})


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
def test_the_page_about_settings_names_every_output_format(name: str) -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    (line,) = (line for line in page.splitlines() if line.startswith("| `STOCKROOM_FORMATS`"))
    assert f"`{name}`" in line


def test_the_api_has_a_url_for_every_rendition_in_every_format() -> None:
    names = {field.encode_name for field in msgspec.structs.fields(schemas.ImageUrls)}
    further = {
        f"{name}.{format_.extension}"
        for format_ in OUTPUT_FORMATS.values()
        for name in format_.renditions
        if format_ is not JPEG
    }
    assert names == {*JPEG.renditions, *further}
