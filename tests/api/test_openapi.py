import msgspec

from infra.declared_routes import list_routes
from infra.generate_openapi import render
from stockroom.api.openapi import DOCUMENT


def test_the_committed_document_is_the_generated_one() -> None:
    """Here and not beside the generator, so that `make check` runs it: the tests of `infra/` take minutes."""
    assert DOCUMENT.read_bytes() == render(list_routes()), "run: make openapi"


def test_the_names_of_files_are_in_no_answer_about_pictures() -> None:
    schemas = msgspec.json.decode(DOCUMENT.read_bytes())["components"]["schemas"]
    named = {name for name, schema in schemas.items() if "file_name" in schema.get("properties", {})}
    assert named == {"Upload", "UploadFile"}
