"""The engine on which the tests run CloudFront Functions has nothing that CloudFront lacks."""

import pytest

from tests.infra.cloudfront_runtime import FunctionError, Run, run_function


@pytest.mark.parametrize(
    "code",
    [
        # Forbidden by AWS.
        "eval('1')", "new Function('return 1')", "(function () {}).constructor('return 1')",
        "setTimeout(function () {}, 1)", "setImmediate(function () {})", "require('fs')", "fetch('https://x')",
        "process.argv", "sloppy = 1", "import('fs')",
        # Syntax that AWS does not list.
        "class A {}", "var {a} = {a: 1}", "var [a] = [1]", "Math.max(...[1])", "for (var x of [1]) {}",
        "var a = {}; a?.b.c", "(function (a = 1) {})()", "function* g() {}", "var a = {...{b: 1}}",
        # Newer than ECMAScript 5.1: AWS lists some of it, and none of it is needed.
        "[1].includes(1)", "'a'.startsWith('a')", "Object.values({})", "[1].toSorted()", "new Map()",
        "new Promise(function () {})", "'a'.replaceAll('a', 'b')", "Array.from('a')", "new TextDecoder()",
        "console.error('a')", "btoa('a')",
    ],
)  # fmt: skip
def test_what_cloudfront_lacks_fails(code: str) -> None:
    with pytest.raises(FunctionError):
        run_function(f"function handler(event) {{ {code}; return event; }}", [{}])


def test_a_function_without_a_handler_fails() -> None:
    with pytest.raises(FunctionError, match="handler"):
        run_function("function handle(event) { return event; }", [{}])


def test_an_error_for_one_event_is_an_error() -> None:
    with pytest.raises(FunctionError, match="TypeError"):
        run_function("function handler(event) { return event.request.uri; }", [{"request": {}}, {}])


def test_built_in_calls_are_counted_for_each_event() -> None:
    code = "function handler(event) { event.forEach(function (x) { 'a'.indexOf(x); }); return event.length; }"
    assert run_function(code, [["a", "b"], [], ["a"]]) == [Run(2, 3), Run(0, 1), Run(1, 2)]
