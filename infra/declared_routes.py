"""The routes of the API, read from the Chalice functions that declare them."""

from functions.manage_images.app import app as manage_images
from functions.search.app import app as search
from functions.upload_url.app import app as upload_url
from stockroom.api.app import Api
from stockroom.api.routes import Route

APPS: dict[str, Api] = {"upload_url": upload_url, "search": search, "manage_images": manage_images}
"""The Chalice app of each function that answers requests, by the function's folder."""


def list_routes() -> list[Route]:
    """Every route of the API, in the order in which the handlers declare them."""
    return [route for app in APPS.values() for route in app.declared]
