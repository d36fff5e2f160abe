from infra.declared_routes import APPS, list_routes


def test_every_route_of_a_chalice_app_is_declared() -> None:
    for app in APPS.values():
        routed = {(method, path) for path, methods in app.routes.items() for method in methods}
        assert routed == {(route.method, route.path) for route in app.declared}


def test_every_function_that_answers_requests_has_its_app() -> None:
    from infra.bundling import CHALICE_FUNCTIONS

    assert set(APPS) == set(CHALICE_FUNCTIONS)
    assert all(app.app_name == name for name, app in APPS.items())


def test_a_route_is_declared_by_one_function() -> None:
    keys = [(route.method, route.path) for route in list_routes()]
    assert len(set(keys)) == len(keys)


def test_every_path_is_under_api() -> None:
    assert all(route.path.startswith("/api/") for route in list_routes())
