from infra.declared_routes import list_routes
from infra.generate_openapi import render
from stockroom.api.openapi import DOCUMENT


def test_the_committed_document_is_the_generated_one() -> None:
    """Here and not beside the generator, so that `make check` runs it: the tests of `infra/` take minutes."""
    assert DOCUMENT.read_bytes() == render(list_routes()), "run: make openapi"
