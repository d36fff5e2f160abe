"""Runs on the machine: `import_handler.py FOLDER…` imports a handler from its bundle, and prints its name."""

import sys

sys.path[:0] = sys.argv[1:]
import app  # noqa: E402

print(*(name for name in ("app", "handler") if callable(getattr(app, name, None))))
