"""The sections of entries in the terminal: each cause once, with the entries that it took down."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from speccheck.model.cause import CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.formatting import counted
from speccheck.model.run import EntryResult, Failure, Run
from speccheck.model.verdict import ConstraintVerdict, State, Verdict
from speccheck.reporters import _summary as summary
from speccheck.reporters import _values as values
from speccheck.reporters._causes import Group, groups_of, names_of, subjects_of
from speccheck.reporters._outcomes import PRESENTATIONS, URGENCY
from speccheck.reporters._style import style
from speccheck.reporters._text import cut, display_width, visible, wrap
from speccheck.sdk.tail import counted_lines, plain_lines
from speccheck.sdk.wording import cause_text, constraint_text, judgement_text

_FINDINGS = 10
_LOG_LINES = 8
_TRACEBACK_LINES = 30
_MESSAGE_LINES = 12

_FEW = 3
"""Lines of an output that are shown though the last of them was shown before."""

_MEMBERS = 200
"""Columns that the names behind a count may take."""

_FRAME = re.compile(r'(\s*File ")(.*)(", line \d+.*)')


class Sections:
    """Writes the sections of the entries of a run that did not simply pass."""

    def __init__(self, run: Run, width: int, color: bool) -> None:
        self._run = run
        self._width = width
        self._color = color
        self._told: set[str] = set()
        """The last lines of the tracebacks and outputs that are shown."""
        self._shown: dict[str, str] = {}
        """The entry that shows the findings and the output of each measurement."""

    def lines(self) -> Iterator[str]:
        """Yield the lines: first the causes that took down several entries, then by urgency."""
        shown = [group for group in groups_of(self._run) if _is_shown(group)]
        for group in sorted(shown, key=_place):
            yield ""
            yield from self._section(group)

    def _section(self, group: Group) -> Iterator[str]:
        run, result = self._run, group.first
        judgement, entry = result.judgement, result.entry
        look = PRESENTATIONS[judgement.outcome]
        yield self._title(group)
        if len(group.results) == 1:
            place = summary.place_of(result)
            yield from indented(f"{entry.check}, {place}" if place else entry.check, self._width)
        measured = summary.measured_of(run, result)
        failure = None if measured is None else measured.failure
        evidence = None if measured is None else measured.evidence
        reason = judgement_text(judgement)
        listed = judgement.cause is not None and judgement.cause.kind is CauseKind.CONSTRAINTS
        told = listed or summary.repeats(judgement, failure_shown=failure is not None)
        if reason and not look.quiet and not told:
            yield from indented(reason, self._width)
        for one in group.results:
            about = "note" if len(group.results) == 1 else f"note on {one.entry.id}"
            for note in summary.notes_of(one):
                yield from indented(f"{about}: {note}", self._width)
        if failure is not None:
            yield from self._failure(failure)
        else:
            for explanation in summary.explained_by(result, evidence):
                yield from indented(f"finding: {explanation}", self._width)
            yield from self._verdicts(group, evidence)
        if not look.quiet and evidence is not None:
            yield from self._remarks(result, evidence)
        if len(group.results) > 1:
            yield from self._names("", group.results)
        if group.needing:
            count = counted(len(group.needing), "entry", "entries")
            yield from self._names(f"blocks {count}: ", group.needing)

    def _remarks(self, result: EntryResult, evidence: Evidence) -> Iterator[str]:
        first = self._shown.setdefault(result.measured or "", result.entry.id)
        if first != result.entry.id:
            if evidence.findings or evidence.log.strip():
                yield from indented(
                    f"findings and output: as under {first}, which shares this measurement", self._width
                )
            return
        if not summary.explained_by(result, evidence):
            yield from _findings(evidence, self._width)
        if PRESENTATIONS[result.judgement.outcome].loud:
            yield from self._output(evidence.log)

    def _title(self, group: Group) -> str:
        outcome, entry = group.first.judgement.outcome, group.first.entry
        head = outcome.value.upper()
        if len(group.results) == 1:
            title = f" {entry.id}: {entry.title}" if entry.title else f" {entry.id}"
        else:
            title = f" in {len(group.results)} entries"
            subjects = subjects_of(group, self._run)
            if len(subjects) > 1:
                title += f"; subjects {', '.join(subjects)}"
        return style(head, outcome, self._color) + cut(title, self._width - len(head))

    def _names(self, before: str, results: Sequence[EntryResult]) -> Iterator[str]:
        yield from indented(before + ", ".join(names_of(results)), self._width)

    def _failure(self, failure: Failure) -> Iterator[str]:
        message = cause_text(failure.cause).rstrip().expandtabs(4).split("\n")
        for line in message[:_MESSAGE_LINES]:
            text = line.lstrip(" ")
            yield from indented(text, self._width, " " * (2 + min(len(line) - len(text), 8)))
        if len(message) > _MESSAGE_LINES:
            yield f"  ({counted(len(message) - _MESSAGE_LINES, 'more line')} in the markdown report)"
        trace = failure.traceback.rstrip("\n").expandtabs(4).split("\n") if failure.traceback.strip() else []
        if len(message) > 1 and trace[-len(message) :] == message:  # it is shown already
            trace = trace[: -len(message)]
        self._told.add(message[-1].strip())
        if trace:
            yield from self._traceback([visible(line) for line in trace])
        yield from self._output(failure.log)

    def _traceback(self, lines: list[str]) -> Iterator[str]:
        self._told.add(lines[-1].strip())
        left_out = len(lines) - _TRACEBACK_LINES
        # The interpreter's own traceback, of a signal or a timeout, begins where the code was.
        first = any("most recent call first" in line for line in lines[:5])
        note = f"({counted(left_out, 'more line' if first else 'earlier line')} left out; the markdown report has all)"
        if left_out > 0 and not first:
            yield from indented(note, self._width, "    ")
        for line in lines[:_TRACEBACK_LINES] if first else lines[-_TRACEBACK_LINES:]:
            yield f"    {_frame(line, self._width - 4)}"
        if left_out > 0 and first:
            yield from indented(note, self._width, "    ")

    def _verdicts(self, group: Group, evidence: Evidence | None) -> Iterator[str]:
        result = group.first
        if len(group.results) > 1:  # one cause of unknown verdicts, shown once
            causes = [item.cause for one in result.judgement.verdicts for item in one.constraints if item.cause]
            yield from indented(f"unknown: {cause_text(causes[0])}" if causes else "", self._width)
            return
        for verdict in summary.by_state(result.judgement.verdicts):
            unexpected = summary.held_unexpectedly(result, verdict)
            for item in summary.worst_first(verdict):
                if item.state is not State.HELD or item.vacuous or unexpected:
                    yield from self._constraint(result, verdict, item, evidence)

    def _constraint(
        self, result: EntryResult, verdict: Verdict, item: ConstraintVerdict, evidence: Evidence | None
    ) -> Iterator[str]:
        width = self._width
        seen = values.observed_of(verdict, item, evidence)
        observed, limit = values.show_pair(seen, item.limit)
        name = summary.name_of(verdict, item, evidence)
        unit = summary.unit_of(self._run, result, verdict.metric)
        value = "" if seen is None else f" = {observed}{f' {unit}' if unit else ''}{_members(verdict, item, evidence)}"
        resolved = summary.resolved(item, limit)
        margin = "" if item.margin is None else f", margin {values.margin_text(item.margin)}"
        line, place = _line_of(result, verdict)
        about = ["severity warn"] if item.severity == "warn" and result.entry.severity != "warn" else []
        about += [f"line {line}"] if line else []
        remark = f" ({', '.join(about)})" if about else ""
        head = f"{item.state.value}{remark}"
        yield from indented(f"{head}: {name}{value}; wanted {constraint_text(item)}{resolved}{margin}", width)
        detail = "" if isinstance(seen, str) and "\n" in seen.strip() else summary.detail_of(item)
        if detail:
            yield from indented(detail, width, "    ")
        if item.vacuous:
            yield from indented(f"vacuous: {summary.VACUOUS}", width, "    ")
        if item.why:
            yield from indented(f"why: {item.why}", width, "    ")
        if place:
            yield f"    {visible(place)}"

    def _output(self, log: str) -> Iterator[str]:
        lines = visible(log.rstrip("\n"), keep="\n").split("\n") if log.strip() else []
        if not lines:
            return
        count = counted(counted_lines(lines), "line")
        last = lines[-1].strip()
        if last in self._told and len(lines) > _FEW:
            yield f"  output, {count}: the last is as above"
            return
        self._told.add(last)
        kept = lines[-_LOG_LINES:]
        whole = len(kept) == counted_lines(lines)
        yield f"  output, {count}:" if whole else f"  output, last {plain_lines(kept)} of {count}:"
        yield from (f"    | {_frame(line, self._width - 6)}" for line in kept)


def indented(text: str, width: int, indent: str = "  ") -> Iterator[str]:
    """Yield the text on lines of at most ``width`` columns; lines after the first are indented deeper."""
    first, *rest = wrap(text, width - len(indent)) or [""]
    yield indent + first
    deeper = indent + "  "
    for line in wrap(" ".join(rest), width - len(deeper)) if rest else []:
        yield deeper + line


def _is_shown(group: Group) -> bool:
    judgement = group.first.judgement
    noted = any(one.judgement.notes or summary.vacuous_of(one) for one in group.results)
    return not PRESENTATIONS[judgement.outcome].quiet or noted


def _place(group: Group) -> tuple[bool, int]:
    look = PRESENTATIONS[group.first.judgement.outcome]
    return not (look.loud and len(group.results) > 1), URGENCY[group.first.judgement.outcome]


def _frame(line: str, width: int) -> str:
    """Return a line of a traceback; of a long path its end is kept, with the line that it leads to."""
    found = _FRAME.fullmatch(line)
    too_much = display_width(line) - width
    if found is None or too_much <= 0 or len(found[2]) <= too_much + 1:
        return cut(line, width)
    return cut(f"{found[1]}…{found[2][too_much + 1 :]}{found[3]}", width)


def _line_of(result: EntryResult, verdict: Verdict) -> tuple[str, str]:
    """Return the line of an expectation in the file of its entry; or '' and its place in another file."""
    place, own = summary.place_of(result, verdict), summary.place_of(result)
    if not place or place == own:
        return "", ""
    file, _, _ = own.rpartition(":")[0].rpartition(":")
    if file and place.startswith(f"{file}:"):
        return place[len(file) + 1 :].partition(":")[0], ""
    return "", place


def _members(verdict: Verdict, item: ConstraintVerdict, evidence: Evidence | None) -> str:
    """Return the items behind a count, unless findings name them, which say more of them."""
    members = values.members_of(verdict, item, evidence)
    if members is None:
        return ""
    found = evidence.findings[:_FINDINGS] if evidence is not None else ()
    told = [f"{finding.file} {finding.symbol} {finding.message}" for finding in found]
    texts = [member for member in members if isinstance(member, str)]
    if len(texts) == len(members) and all(any(text in one for one in told) for text in texts):
        return ""
    return f" {values.show(members, limit=_MEMBERS)}"


def _findings(evidence: Evidence, width: int) -> Iterator[str]:
    """Yield the findings; those that say the same of several files are one."""
    alike: dict[str, list[str]] = {}
    for finding in evidence.findings[:_FINDINGS]:
        file = finding.file if finding.line is None and not finding.symbol else ""
        where = " ".join(summary.place_and_symbol(finding))
        text = finding.message if file else f"{where}: {finding.message}" if where else finding.message
        alike.setdefault(text, []).extend([file] if file else [])
    for text, files in alike.items():
        yield from indented(f"finding: {f'{_braced(files)}: {text}' if files else text}", width)
    if len(evidence.findings) > _FINDINGS:
        left_out = counted(len(evidence.findings) - _FINDINGS, "more finding")
        yield from indented(f"and {left_out}; the markdown report has all", width)


def _braced(files: Sequence[str]) -> str:
    """Return files of one folder as a shell would write them: ``out/{a.json, b.json}``."""
    folders = {posixpath.dirname(file) for file in files}
    if len(files) < 2 or len(folders) > 1 or folders == {""}:
        return ", ".join(files)
    return f"{folders.pop()}/{{{', '.join(posixpath.basename(file) for file in files)}}}"
