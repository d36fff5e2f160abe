"""The daily call that keeps a function active opens no connection, and so wakes no database."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from functions.manage_images import app as manage_images
from functions.migrate import app as migrate
from functions.resize import app as resize
from functions.search import app as search
from functions.upload_url import app as upload_url
from stockroom.runtime import settings
from stockroom.runtime.keep_active import KEEP_ACTIVE
from tests.events import Context


@pytest.mark.parametrize(
    ("module", "handler"),
    [
        (search, search.app),
        (upload_url, upload_url.app),
        (manage_images, manage_images.app),
        (resize, resize.handler),
        (migrate, migrate.handler),
    ],
    ids=["search", "upload_url", "manage_images", "resize", "migrate"],
)
def test_a_call_that_keeps_a_function_active_asks_for_nothing(
    module: ModuleType, handler: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> None:
        pytest.fail("asked for resources or settings")

    if module is migrate:
        monkeypatch.setattr(settings, "current", ask)
    elif module is resize:
        monkeypatch.setattr(resize, "resources", ask)
    else:
        monkeypatch.setattr(module.app, "services", ask)
    assert handler(dict(KEEP_ACTIVE), Context()) == {}
