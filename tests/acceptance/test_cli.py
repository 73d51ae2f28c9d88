"""The real command on the real audit: decisions and exit codes, editing a threshold, judging and reporting again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.commands import Project, outcomes, verdicts
from support.trees import copy_of_stage3

pytestmark = pytest.mark.slow

SPEC = "specs/stage3.yaml"
GATES = ("gate-audio-snr", "gate-audio-mel", "gate-image-psnr", "gate-image-ssim")
QUICK = ("ids-text", "text-round-trip")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(copy_of_stage3(tmp_path_factory.mktemp("cli")))


@pytest.fixture(scope="module")
def whole(project: Project) -> str:
    """Return the id of one run of the whole audit, which passed."""
    done = project("run", SPEC, code=0)
    assert done.stdout.splitlines()[-1] == "PASS (44 of 45 judged; 2 xfailed, 1 measured)"
    assert done.stderr == ""
    return str(project.record()["id"])


def _only(*names: str) -> list[str]:
    return [word for name in names for word in ("--only", name)]


def test_the_whole_audit_passes_and_is_kept(project: Project, whole: str) -> None:
    assert whole in project.runs()
    record = project.record(whole)
    assert (record["decision"], len(record["entries"])) == ("PASS", 45)
    assert not list(project.folder.glob(".speccheck/runs/*/evidence.jsonl"))


def test_a_threshold_overridden_fails(project: Project) -> None:
    done = project("run", SPEC, *_only("ids-text"), "--set", "checks.ids-text.expect.count.min=1000", code=1)
    assert done.stdout.splitlines()[-1] == "FAIL (1 of 1 judged)"
    assert "wanted min: 1000, margin -934" in done.stdout


def test_a_threshold_edited_in_the_file_fails(project: Project) -> None:
    edited = project.folder / "specs" / "edited.yaml"
    text = (project.folder / SPEC).read_text("utf-8")
    assert text.count("expect: {outside: 0, count: {min: 20}}") == 1
    edited.write_text(text.replace("count: {min: 20}", "count: {min: 1000}"), "utf-8")
    done = project("run", "specs/edited.yaml", *_only("ids-text"), code=1)
    line = text[: text.index("expect: {outside: 0, count: {min: 20}}")].count("\n") + 1
    assert f"violated (line {line}): count = 66" in done.stdout


def test_without_the_baseline_file_the_gates_are_unknown(project: Project) -> None:
    away = project.folder / "specs" / "baselines" / "stage3.json"
    away.rename(away.with_suffix(".away"))
    try:
        done = project("run", SPEC, *_only(*GATES, "audio-quality"), code=3)
    finally:
        away.with_suffix(".away").rename(away)
    assert done.stdout.splitlines()[-1] == "ERROR (1 of 5 judged; 4 error)"
    found = outcomes(project.record())
    assert found == {"audio-quality": "passed", **dict.fromkeys(GATES, "error")}
    states = [v["state"] for name in GATES for v in verdicts(project.record())[name]["verdicts"]]
    assert states == ["unknown"] * 4


def test_nothing_judged_is_no_pass(project: Project) -> None:
    done = project("run", SPEC, *_only("config-sizes"), code=4)
    assert done.stdout.splitlines()[-1].startswith("NOTHING JUDGED (0 of 1 judged")


def test_an_invalid_spec_shows_every_mistake_and_runs_nothing(project: Project) -> None:
    before = project.runs()
    text = (project.folder / SPEC).read_text("utf-8")
    broken = text.replace("distinct_values:", "distinct_value:").replace("check: tokenizer.ids", "check: tokenizer.id")
    (project.folder / "specs" / "broken.yaml").write_text(broken, "utf-8")
    done = project("run", "specs/broken.yaml", *_only("ids-text"), code=2)
    assert done.stdout == ""
    assert done.stderr.count("error[SC") == 7  # three metrics and four checks, though one entry alone was asked for
    assert "7 errors; nothing was run" in done.stderr
    assert project("validate", "specs/broken.yaml", code=2).stderr == done.stderr
    assert project.runs() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", SPEC, "--set", "checks.ids-text.expects.count.min=3"),
        ("run", SPEC, "--set", "nonsense"),
        ("run", SPEC, "--only", "ids-txt"),
        ("run", "specs/absent.yaml"),
        ("run", SPEC, "--format", "pdf"),
        ("run", SPEC, "--onyl", "ids-text"),
        ("report", "20200101T000000Z-00000000"),
        ("judge", "latest", "--set", "vars.root=x"),
        ("ruN", SPEC),
    ],
)
def test_a_command_that_makes_no_sense_runs_nothing(project: Project, arguments: tuple[str, ...]) -> None:
    before = project.runs()
    done = project(*arguments, code=2)
    assert (done.stdout, "Traceback" in done.stderr) == ("", False)
    assert done.stderr.strip()
    assert project.runs() == before


def test_judging_again_gives_the_same(project: Project, whole: str) -> None:
    stored = project.record(whole)
    done = project("judge", whole, "--format", "json", code=0)
    judged = json.loads(done.stdout)
    assert verdicts(judged) == verdicts(stored)
    assert (judged["decision"], judged["coverage"]) == (stored["decision"], stored["coverage"])
    assert judged["measurements"] == stored["measurements"]
    assert verdicts(json.loads(project("judge", whole, "--spec", SPEC, "--format", "json", code=0).stdout)) == verdicts(
        stored
    )


def test_judging_again_imports_nothing_that_the_spec_names(project: Project, whole: str) -> None:
    package = project.folder / "examples" / "uti" / "uti"
    package.rename(package.with_name("away"))
    try:
        done = project("judge", whole, "--spec", SPEC, code=0)
        assert done.stdout.splitlines()[-1] == "PASS (44 of 45 judged; 2 xfailed, 1 measured)"
        assert "tokenizer" in project("report", whole, "--format", "markdown", code=0).stdout
        assert "45 entries, valid" in project("validate", SPEC, code=0).stdout
    finally:
        package.with_name("away").rename(package)


def test_judging_under_an_edited_spec_names_what_changed(project: Project, whole: str) -> None:
    edited = (project.folder / SPEC).read_text("utf-8").replace("snr_db: {min: 6,", "snr_db: {min: 12,")
    edited = edited[: edited.index("  - id: lm-artifacts")]
    (project.folder / "specs" / "stricter.yaml").write_text(edited, "utf-8")
    done = project("judge", whole, "--spec", "specs/stricter.yaml", code=1)
    assert "dropped: lm-artifacts is in the run but not in the spec" in done.stdout.splitlines()
    changed = [line for line in done.stdout.splitlines() if line.startswith("changed: ")]
    changed = [line for line in changed if "as before" not in line]
    assert len(changed) == 1
    assert changed[0].startswith("changed: audio-quality snr_db: ")
    assert changed[0].endswith("; verdict held -> violated; entry passed -> failed")
    assert "min: 6" in changed[0]
    assert "min: 12" in changed[0]


def test_judging_under_the_same_spec_names_no_change(project: Project, whole: str) -> None:
    assert "changed: " not in project("judge", whole, "--spec", SPEC, code=0).stdout


def test_evidence_of_another_measurement_is_unknown(project: Project, whole: str) -> None:
    done = project(
        "judge", whole, "--spec", SPEC, "--set", "checks.lm-overfit.with.steps=61", "--format", "json", code=3
    )
    stored, judged = outcomes(project.record(whole)), outcomes(json.loads(done.stdout))
    assert {name for name in judged if judged[name] != stored[name]} == {"lm-overfit"}
    assert judged["lm-overfit"] == "error"


def test_judging_as_of_a_later_day(project: Project, whole: str) -> None:
    """The expected failures end in 2027: after that day the entries fail."""
    done = project("judge", whole, "--as-of", "2027-07-01", "--format", "json", code=1)
    judged = outcomes(json.loads(done.stdout))
    assert [name for name, outcome in judged.items() if outcome == "failed"] == [
        "idempotence-image",
        "idempotence-audio",
    ]
    project("judge", whole, "--as-of", "2027-06-30", code=0)


def test_a_run_is_reported_in_three_formats(project: Project, whole: str) -> None:
    shown = project("report", whole, code=0).stdout
    assert shown.splitlines()[-1] == "PASS (44 of 45 judged; 2 xfailed, 1 measured)"
    page = project("report", whole, "--format", "markdown", code=0).stdout
    assert page.startswith("# Unified tokenizer, stage 3.1")
    record = project.record(whole)
    assert [name for name in outcomes(record) if name not in page.replace("\\", "")] == []
    assert json.loads(project("report", whole, "--format", "json", code=0).stdout) == record


def test_reports_are_written_to_files(project: Project, whole: str) -> None:
    done = project("report", whole, "--format", "markdown", "--format", "json", "--out", "reports", code=0)
    assert sorted(path.name for path in (project.folder / "reports").iterdir()) == ["report.json", "report.md"]
    assert done.stdout.splitlines() == ["wrote reports/report.md", "wrote reports/report.json"]


def test_out_keeps_the_run_and_its_reports_in_a_folder(project: Project) -> None:
    out = project.folder / "kept"
    formats = ("--format", "markdown", "--format", "json")
    project("run", SPEC, *_only(*QUICK), "--out", str(out), *formats, code=0)
    assert {"run.json", "report.md", "report.json"} <= {path.name for path in out.iterdir()}
    assert json.loads((out / "report.json").read_text()) == json.loads((out / "run.json").read_text())
    assert "**PASS** (2 of 2 judged)" in (out / "report.md").read_text("utf-8")
    assert "PASS (2 of 2 judged)" in project("judge", "kept", code=0).stdout
    assert "PASS (2 of 2 judged)" in project("report", "latest", code=0).stdout
    refused = project("run", SPEC, *_only(*QUICK), "--out", str(out), code=2)
    assert "SC803" in refused.stderr


def test_a_selection_brings_what_it_needs(project: Project) -> None:
    project("run", SPEC, *_only("lm-artifacts"), code=0)
    assert list(outcomes(project.record())) == ["lm-command", "lm-artifacts"]


def test_build_shows_what_a_subject_is(project: Project) -> None:
    assert "does not declare subject 'encode'" in project("build", SPEC, "uti", "encode", code=2).stderr
    done = project("build", SPEC, "uti", "clip", "picture", "language_model", code=0)
    rows = {line.split()[0]: " ".join(line.split()) for line in done.stdout.splitlines()[2:]}
    source = Path("examples", "uti", "uti")
    assert rows["uti"] == f"uti uti.tokenizer.UnifiedTokenizer {source / 'tokenizer.py'}"
    assert "22050" in rows["clip"]
    assert "float32[3,224,224]" in rows["picture"]
    assert rows["language_model"].endswith(str(source / "gpt.py"))
    assert "parameters" in rows["language_model"]


def test_a_subject_that_cannot_be_built_shows_its_own_traceback(project: Project) -> None:
    done = project("build", SPEC, "uti", "--set", "subjects.uti.args.decode_mode=no-such", code=3)
    assert "uti/tokenizer.py" in done.stderr
    assert "speccheck/" not in done.stderr


def test_one_page_of_a_repository(project: Project, tmp_path: Path) -> None:
    """The spec may be named from anywhere: its paths are its own."""
    away = Project(tmp_path)
    done = away("run", str(project.folder / SPEC), *_only(*QUICK), code=0)
    assert done.stdout.splitlines()[-1] == "PASS (2 of 2 judged)"
    assert away.runs() == []
