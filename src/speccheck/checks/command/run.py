"""Exit code, output and files of a command.

Measures the exit code, whether patterns occur in its output (standard output or standard error, each line anchored by
``^`` and ``$``), and, of the files it must leave, which are absent afterwards and which it did not write, because their
time of change and contents are as before. The command is a list of words and runs without a shell, so that no pipe
hides an exit code; ``python`` is the running interpreter. The whole output is kept as stdout.txt and stderr.txt.

It matters because the last step of most audits is "and the command in the handbook works", which is seldom run again,
and because a file left over from an earlier run makes a run that wrote nothing look fine.

It cannot see other effects of the command, nor a file that is written again with the same contents within the file
system's resolution of time. A command that runs out of time is stopped together with all processes that it started;
exit code, matches and files are then absent. It gets nine tenths of the entry's timeout (of a long one, all but 4 s),
which leaves time to stop it and to keep its output. A negative exit code is the signal that ended it.

```yaml
- id: pretrain-smoke
  check: command.run
  with:
    command: [python, scripts/pretrain.py, --steps, "20", --save-every, "200", --out, "${here}/out"]
    env: {PYTHONPATH: src}
    patterns: {finite: "loss=[0-9.]+$"}
    leaves: [out/ckpt_step_0000020.pt, out/ckpt_latest.pt]
  timeout: 120s
  expect: {exit_code: 0, timed_out: false, missing: [], stale: [], matches.finite: true}
```
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, MeasurementError, Metric, param
from speccheck.sdk.files import portable_name, sha256
from speccheck.sdk.last_line import LastLine
from speccheck.sdk.process import run
from speccheck.sdk.tail import lines_left_out, tail

_MARGIN = 4.0
"""Seconds of the timeout that the command does not get, at most a tenth of it."""


@dataclass(frozen=True)
class Params:
    """The command, its environment, the patterns and the files."""

    command: tuple[str, ...] = param("program and arguments, one word each; `python` is this interpreter", min_length=1)
    cwd: Path | None = param("working folder; the spec's folder when left out", default=None)
    env: Mapping[str, str] = param("variables added to the environment", default={})
    input: str = param("text on its standard input", default="")
    patterns: Mapping[str, str] = param("regular expressions looked for in the output, by name", default={})
    leaves: tuple[Path, ...] = param("files that it must leave", default=())


_UNFINISHED = "the command ran out of time"
_NO_LEAVES = f"no leaves are named, or {_UNFINISHED}"

METRICS: Mapping[str, Metric] = {
    "exit_code": Metric(kind="number", doc="exit code; negative: the signal that ended it", optional=_UNFINISHED),
    "timed_out": Metric(kind="bool", doc="the command ran out of time and was stopped"),
    "stdout": Metric(kind="text", doc="the last whole lines of standard output, 64 KiB at most"),
    "stderr": Metric(kind="text", doc="the last whole lines of standard error, 64 KiB at most"),
    "stdout_lines": Metric(kind="number", min=0, doc="lines of standard output", unit="lines", optional=_UNFINISHED),
    "matches.{patterns}": Metric(kind="bool", doc="the pattern occurs in the output", optional=_UNFINISHED),
    "missing": Metric(kind="list", of="text", doc="leaves that are not there afterwards", optional=_NO_LEAVES),
    "stale": Metric(
        kind="list", of="text", doc="leaves that are as they were before, time and contents", optional=_NO_LEAVES
    ),
    "left": Metric(kind="number", min=0, doc="leaves that it wrote", unit="files", optional=_NO_LEAVES),
}

_LOG_LINES = 20
"""The last lines of each stream in the log, which a report shows beside a failure."""

_LONGEST = 400
"""Characters of a line that a finding shows; of a longer one only the place is shown."""

_State = tuple[int, str] | None


def measure(params: Params, context: Context) -> Evidence:
    """Run the command; MeasurementError when it cannot be started or a pattern is not a regular expression."""
    patterns = {name: _compiled(name, text) for name, text in params.patterns.items()}
    leaves = {portable_name(path, context.folder): path for path in (context.folder / leaf for leaf in params.leaves)}
    before = {name: _state(path) for name, path in leaves.items()}
    margin = 0.0 if context.timeout is None else min(_MARGIN, context.timeout / 10)
    limit = None if context.timeout is None else context.timeout - margin
    with tempfile.TemporaryDirectory(prefix="speccheck-") as scratch:
        stdout, stderr = Path(scratch, "stdout.txt"), Path(scratch, "stderr.txt")
        finished = run(
            params.command,
            folder=context.folder / (params.cwd or ""),
            env=params.env,
            text=params.input,
            timeout=limit,
            grace=margin / 2,
            stdout=stdout,
            stderr=stderr,
            watch=_teller(context, (stdout, stderr)),
        )
        outputs = [path.read_bytes().decode("utf-8", errors="replace") for path in (stdout, stderr)]
        metrics: dict[str, Any] = {
            "timed_out": finished.exit_code is None,
            "stdout": _tail(stdout),
            "stderr": _tail(stderr),
        }
        named = dict(zip((stdout.name, stderr.name), outputs, strict=True))
        matched = _matched(patterns, named)
        log = "\n".join(_log(matched, name, text) for name, text in named.items() if text)  # stderr last
        artifacts = {path.stem: context.keep(path.name, path, "text/plain") for path in (stdout, stderr)}
    if finished.exit_code is None:
        stopped = Finding(f"the command did not end within {limit:g} s and was stopped")
        return Evidence(metrics, findings=(stopped, *matched), artifacts=artifacts, log=log)
    metrics |= {"exit_code": finished.exit_code, "stdout_lines": len(outputs[0].splitlines())}
    if patterns:
        metrics["matches"] = {name: any(map(pattern.search, outputs)) for name, pattern in patterns.items()}
    if leaves:
        metrics |= _left(leaves, before)
    absent = [Finding("is not there afterwards", file=name) for name in metrics.get("missing", ())]
    return Evidence(metrics, findings=(*absent, *matched), artifacts=artifacts, log=log)


def _matched(patterns: Mapping[str, re.Pattern[str]], outputs: Mapping[str, str]) -> list[Finding]:
    """A finding for each pattern that occurs: the first line that it matches, and where."""
    findings = []
    for name, pattern in patterns.items():
        for file, text in outputs.items():
            found = pattern.search(text)
            if found is not None:
                # One character more, since a match may be empty; a line is what the log's lines are.
                at = len(text[: found.start() + 1].splitlines()) or 1
                line = next(iter(text.splitlines()[at - 1 : at]), "")
                shown = line if len(line) <= _LONGEST else f"a line of {len(line)} characters"
                findings.append(Finding(f"matches {name}: {shown}", file=file, line=at))
                break
    return findings


def _log(matched: Sequence[Finding], file: str, text: str) -> str:
    """The lines of an output that patterns match, and its last ones; a line replaces those left out between."""
    lines = text.splitlines()
    kept = {finding.line - 1 for finding in matched if finding.file == file and finding.line is not None}
    kept |= set(range(max(0, len(lines) - _LOG_LINES), len(lines)))
    shown: list[str] = []
    end = 0
    for at in sorted(kept):
        shown += [lines_left_out(at - end)] if at > end else []
        shown += lines[at : at + 1]
        end = at + 1
    return "\n".join(shown)


def _teller(context: Context, paths: tuple[Path, ...]) -> Callable[[], None]:
    """Tells, at each call, the last line printed since, and where several files have one, that of the last of them."""
    lines = {path: LastLine() for path in paths}

    def tell() -> None:
        found = None
        for path, last in lines.items():
            with path.open("rb") as stream:
                found = last.of(stream.fileno()) or found
        if found is not None:
            context.progress(found)

    return tell


def _compiled(name: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise MeasurementError(f"pattern {name} is not a regular expression: {error}") from error


def _state(path: Path) -> _State:
    """Time of change (ns) and digest of the file; None if it is absent. Links are followed."""
    if not path.exists():
        return None
    return path.stat().st_mtime_ns, sha256(path) if path.is_file() else ""


def _left(leaves: Mapping[str, Path], before: Mapping[str, _State]) -> dict[str, Any]:
    after = {name: _state(path) for name, path in leaves.items()}
    missing = [name for name, state in after.items() if state is None]
    stale = [name for name, state in after.items() if state is not None and state == before[name]]
    return {"missing": missing, "stale": stale, "left": len(after) - len(missing) - len(stale)}


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        end = tail(stream)
    return end.text or end.remark  # no remark before lines: a pattern shall find the first of them as it was printed


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
