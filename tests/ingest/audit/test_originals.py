"""What changes between the listing of the originals and the look at the rows."""

import pytest

from stockroom.resources import Resources
from tests.factories import pending, uploaded
from tests.ingest.audit.library import found, run, stray


def test_a_row_that_comes_after_the_rows_were_read_is_no_fault(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = uploaded(resources, b"1")
    monkeypatch.setattr("stockroom.ingest.audit.originals.find_rows", lambda *_: [])
    report = run(resources, repair=True)
    assert (found(report), report.originals.deletable, report.refused) == ({}, 0, "")
    assert resources.storage.head_original(image_id) is not None


def test_an_original_that_goes_after_the_listing_is_no_fault(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray(resources)
    pending(resources)
    monkeypatch.setattr(resources.storage, "head_original", lambda _: None)
    report = run(resources, repair=True)
    assert (found(report), report.originals.deletable, report.repaired) == ({}, 0, {})
