import pytest

from stockroom.renditions import SOURCE_FORMATS, SourceFormat, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.sandbox.samples import check_decoder
from stockroom.renditions.sniffing import sniff

FORMATS = [pytest.param(format_, id=format_.name) for format_ in SOURCE_FORMATS]


@pytest.mark.parametrize("format_", FORMATS)
def test_it_is_a_sound_file_of_its_format(format_: SourceFormat) -> None:
    data = format_.sample
    assert sniff(data) is format_
    rendered = render(data)
    assert (rendered.width, rendered.height) == (16, 16)
    check_decoder(format_)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_loader_that_does_not_run_is_found_out(format_: SourceFormat) -> None:
    pyvips.operation_block_set(format_.loader_class, True)
    try:
        with pytest.raises(RuntimeError, match=f"cannot read {format_.title}"):
            check_decoder(format_)
    finally:
        pyvips.operation_block_set(format_.loader_class, False)
