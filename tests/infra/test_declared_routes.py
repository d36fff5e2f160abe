import re

from infra.declared_routes import APPS, list_routes


def test_every_route_of_a_chalice_app_is_declared() -> None:
    for app in APPS.values():
        routed = {(method, path) for path, methods in app.routes.items() for method in methods}
        declared = {(method, route.gateway_path) for route in app.declared for method in route.methods}
        assert routed == {(method, path.replace("+}", "}")) for method, path in declared}


def test_every_function_that_answers_requests_has_its_app() -> None:
    from infra.bundling import CHALICE_FUNCTIONS

    assert set(APPS) == set(CHALICE_FUNCTIONS)
    assert all(app.app_name == name for name, app in APPS.items())


def test_a_route_is_declared_by_one_function() -> None:
    keys = [key for route in list_routes() for key in route.keys]
    assert len(set(keys)) == len(keys)


def test_every_path_is_under_api_but_those_that_others_know_the_library_by() -> None:
    assert {route.path for route in list_routes() if not route.path.startswith("/api/")} == {
        *("/p/{id}", "/picture/{id}", "/by/{id}", "/oembed", "/feed.atom", "/feed.json"),
        *("/robots.txt", "/sitemap.xml", "/sitemap-{page}.xml"),
    }


def test_a_path_of_api_gateway_has_parameters_of_whole_segments_alone() -> None:
    """Another one is refused by AWS, and taken by the emulator."""
    for route in list_routes():
        for segment in route.gateway_path.split("/"):
            assert re.fullmatch(r"[\w.-]*|{\w+\+?}", segment)
