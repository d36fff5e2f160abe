"""The OpenAPI document as it is shipped and served; `infra.generate_openapi` generates it from the routes."""

from pathlib import Path

DOCUMENT = Path(__file__).with_name("openapi.json")
