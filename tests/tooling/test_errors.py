from pathlib import Path

from tooling.errors import ToolError


def test_a_report_ends_with_the_last_lines_of_the_log_and_its_path(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(30)))
    report = ToolError("it failed", log=log).report(lines=2)
    assert report.splitlines() == ["it failed", "    line 28", "    line 29", f"The whole log: {log}"]


def test_without_a_log_a_report_is_the_message(tmp_path: Path) -> None:
    assert ToolError("it failed").report() == "it failed"
    assert ToolError("it failed", log=tmp_path / "absent").report() == "it failed"
