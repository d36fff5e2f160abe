"""Invoking a deployed function."""

import json
from typing import Any

from local import emulator, mariadb
from local.layout import Layout
from tooling.errors import ToolError


def invoke(layout: Layout, output: str, event: dict[str, Any] | None = None) -> Any:
    """The answer of the function whose name is the stack's output `output`.

    Raises ToolError when nothing is deployed, no stack or no MariaDB runs, or the function fails.
    """
    name = layout.outputs().get(output)
    if name is None:
        raise ToolError(f"no {output} is deployed in {layout.data}: run `make up`")
    emulator.check_running(layout)
    # All functions that are invoked by name need it.
    mariadb.check_running(layout)
    answer = emulator.client(layout, "lambda").invoke(
        FunctionName=name, Payload=json.dumps(event or {}).encode()
    )
    result = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        raise ToolError(f"{name} failed: {json.dumps(result)}", log=layout.log(emulator.NAME))
    return result
