"""The way back from a version that does not work, on a repository of its own."""

import subprocess
from pathlib import Path

import pytest

from infra.stage_file import StageFile
from operations import cdk, pipeline
from tooling.errors import ToolError

MAKEFILE = "deploy:\n\t@echo $(STAGE) $$(cat page) >$(DEPLOYED)\n"


class Repository:
    """A checkout whose `make deploy` writes what it deployed into a file."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        self.root.mkdir()
        self.deployed = folder / "deployed"
        self.git("init", "--quiet")
        self.first = self.commit(
            {
                "Makefile": MAKEFILE.replace("$(DEPLOYED)", str(self.deployed)),
                "page": "first",
                "stockroom/runtime/migrations/0001.sql": "",
            }
        )

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message=x")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def go_back(repository: Repository, stage: StageFile, commit: str) -> list[str]:
    said: list[str] = []
    pipeline.go_back(stage, commit, said.append, repository.root, repository.root.parent / "previous")
    return said


def test_functions_and_page_go_back(repository: Repository, stage: StageFile) -> None:
    repository.commit({"page": "second", "stockroom/search/service.py": "pass"})
    assert go_back(repository, stage, repository.first) == [f"going back to {repository.first[:12]}"]
    assert repository.deployed.read_text() == "trial first\n"
    # The checkout itself stays at the commit that failed.
    assert (repository.root / "page").read_text() == "second"


@pytest.mark.parametrize(
    "changed",
    ["stockroom/runtime/migrations/0002.sql", "infra/buckets.py", "app.py", "stages/production.toml"],
)
def test_what_an_older_commit_cannot_undo_stays(
    repository: Repository, stage: StageFile, changed: str
) -> None:
    repository.commit({"page": "second", changed: "changed"})
    repository.commit({"page": "third"})
    with pytest.raises(ToolError, match=f"trial stays as it is.*{changed}"):
        go_back(repository, stage, repository.first)
    assert not repository.deployed.exists()


def test_a_migration_that_is_gone_again_is_no_change(repository: Repository, stage: StageFile) -> None:
    repository.commit({"stockroom/runtime/migrations/0001.sql": "changed"})
    repository.commit({"stockroom/runtime/migrations/0001.sql": "", "page": "third"})
    go_back(repository, stage, repository.first)
    assert repository.deployed.exists()


@pytest.mark.parametrize("commit", ["zzz", "0" * 40, "--all"])
def test_what_is_no_commit_is_refused(repository: Repository, stage: StageFile, commit: str) -> None:
    with pytest.raises(ToolError, match="`git merge-base"):
        go_back(repository, stage, commit)
    assert not repository.deployed.exists()


def test_the_way_back_can_be_gone_again(repository: Repository, stage: StageFile) -> None:
    second = repository.commit({"page": "second"})
    repository.commit({"page": "third"})
    go_back(repository, stage, second)
    go_back(repository, stage, repository.first)
    assert repository.deployed.read_text() == "trial first\n"


def test_a_way_back_needs_a_commit(repository: Repository, stage: StageFile) -> None:
    with pytest.raises(ToolError, match="back to which commit"):
        go_back(repository, stage, "")


def test_a_commit_of_another_branch_is_refused(repository: Repository, stage: StageFile) -> None:
    repository.git("checkout", "--quiet", "-b", "other")
    other = repository.commit({"page": "other"})
    repository.git("checkout", "--quiet", "-")
    with pytest.raises(ToolError, match="no commit of this branch's past"):
        go_back(repository, stage, other)


def test_a_deployment_that_fails_is_told(repository: Repository, stage: StageFile) -> None:
    broken = repository.commit({"Makefile": "deploy:\n\t@exit 1\n"})
    repository.commit({"page": "third"})
    with pytest.raises(ToolError, match="could not be deployed"):
        go_back(repository, stage, broken)


@pytest.mark.parametrize("provider", ["", "arn:aws:iam::123456789012:oidc-provider/x"])
@pytest.mark.usefixtures("aws")
def test_the_roles_are_a_stack_of_their_own(
    stage: StageFile, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(cdk, "run", lambda *arguments: commands.append(arguments))
    pipeline.deploy_roles(stage, "example/stockroom", provider)
    ((command, *arguments),) = commands
    assert command == "deploy"
    assert f"--app={pipeline.APP}" in arguments
    context = dict(part.split("=") for part in arguments if part.partition("=")[0] in {"stage", "repository"})
    assert context == {"stage": "trial", "repository": "example/stockroom"}
    assert ([f"provider={provider}"] if provider else []) == [
        part for part in arguments if part.startswith("provider=")
    ]


def test_no_repository_gets_no_roles(stage: StageFile) -> None:
    with pytest.raises(ToolError, match="which repository"):
        pipeline.deploy_roles(stage, "example", "")
