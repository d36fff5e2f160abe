"""What tests have executors do: this module is imported by Spark's workers, in the environment of jobs."""

import os
import signal
from typing import Any

from jobs.rendering import RenderTask, render_task


def render_and_die(task: RenderTask, attempt: int, **given: Any) -> int:
    """As `render_task`, but the first attempt at the first task is killed when half of it is recorded."""
    if attempt == 0 and task.name.endswith("/00000"):
        render_task(RenderTask(task.name, task.sources[: len(task.sources) // 2]), attempt, **given)
        os.kill(os.getpid(), signal.SIGKILL)
    return render_task(task, attempt, **given)


def divide(task: int, _attempt: int) -> float:
    return 1 / task
