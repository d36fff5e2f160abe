"""Fixtures of the search tests."""

import pytest

from stockroom.runtime.database import Database
from stockroom.search.service import SearchIndex


@pytest.fixture
def index(database: Database) -> SearchIndex:
    """The search index of an empty schema."""
    return SearchIndex(database)
