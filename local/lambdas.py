"""Running one of the deployed functions once, now."""

import json
from typing import Any

from local import emulator
from local.errors import StackError
from local.layout import Layout


def invoke(layout: Layout, output: str, event: dict[str, Any] | None = None) -> Any:
    """What the function named by a stack output answers.

    Raises StackError when nothing is deployed or the function fails.
    """
    name = layout.outputs().get(output)
    if name is None:
        raise StackError(f"nothing is deployed in {layout.data} that is called {output}: run `make up`")
    answer = emulator.client(layout, "lambda").invoke(
        FunctionName=name, Payload=json.dumps(event or {}).encode()
    )
    result = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        raise StackError(f"{name} failed: {json.dumps(result)}", log=layout.log(emulator.NAME))
    return result
