"""What lets a hosted pipeline deploy a stage, and its way back from a version that does not work."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infra.repository import check_repository
from infra.stage_file import StageFile
from operations import cdk
from operations.stack import open_session
from tooling import ROOT
from tooling.errors import ToolError

APP = f"{sys.executable} -m infra.pipeline"
# What deploying an older commit does not undo: rows that a migration has changed, and resources that the
# template has made, replaced or removed, among them those of other choices for the stage.
LASTING = ("stockroom/runtime/migrations", "app.py", "infra", "stages")
PREVIOUS = ROOT / "build" / "previous"
"""Where the older commit is checked out, beside the present one."""

Say = Callable[[str], None]


def deploy_roles(stage: StageFile, repository: str, provider: str) -> None:
    """Deploy the stack of roles, by the operator's own rights. Raises ToolError for what is no repository."""
    check_repository(repository)
    open_session(stage)
    context = {"stage": stage.name, "repository": repository} | ({"provider": provider} if provider else {})
    cdk.run(
        "deploy",
        f"--app={APP}",
        f"--output={ROOT / 'build' / 'cdk' / f'{stage.name}-pipeline'}",
        "--require-approval=broadening",
        *(part for name, value in context.items() for part in ("--context", f"{name}={value}")),
    )


def go_back(stage: StageFile, commit: str, say: Say, root: Path = ROOT, folder: Path = PREVIOUS) -> None:
    """Deploy an older commit, if nothing has changed since then that an older commit cannot undo.

    Raises ToolError otherwise: then a mended version is the only way, and the present one stays deployed.
    """
    if not commit:
        raise ToolError("back to which commit? Give COMMIT=")
    changed = list_lasting_changes(commit, root)
    if changed:
        raise ToolError(
            f"{stage.name} stays as it is, because going back to {commit[:12]} would not undo "
            f"{', '.join(changed)}: deploy a mended version (docs/pipeline.md#when-production-fails)"
        )
    say(f"going back to {commit[:12]}")
    # What an earlier way back has left, perhaps one that failed because somebody was not signed in.
    shutil.rmtree(folder, ignore_errors=True)
    _git(root, "worktree", "add", "--force", "--detach", str(folder), commit)
    done = subprocess.run(["make", "deploy", f"STAGE={stage.name}"], cwd=folder, check=False)
    if done.returncode != 0:
        raise ToolError(f"{commit[:12]} could not be deployed; what is above says why")


def list_lasting_changes(commit: str, root: Path) -> list[str]:
    """The files in which the present commit differs for good from an older one.

    Raises ToolError for what is no commit of this branch's past.
    """
    _git(root, "merge-base", "--is-ancestor", commit, "HEAD")
    return _git(root, "diff", "--name-only", commit, "HEAD", "--", *LASTING).splitlines()


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip() or "it is no commit of this branch's past"
        raise ToolError(f"`git {' '.join(arguments)}` failed: {reason}")
    return done.stdout
