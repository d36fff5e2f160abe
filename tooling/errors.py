"""The one error of the tools: a failure in words for the person at the terminal."""

from pathlib import Path


class ToolError(Exception):
    """A failure that the person at the terminal can act on; `log` is the file that tells more."""

    def __init__(self, message: str, *, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log

    def report(self, lines: int = 20) -> str:
        """The message, the last lines of the log, and the path of the log."""
        if self.log is None or not self.log.exists():
            return str(self)
        tail = self.log.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join([str(self), *(f"    {line}" for line in tail), f"The whole log: {self.log}"])
