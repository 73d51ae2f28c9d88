"""Files that must be present, regular, not empty and decodable, with the digests written beside them.

Measures every file of ``paths`` and ``globs``: its size and sha256, whether it is missing, empty, no regular file (a
link, a folder), and whether its contents decode as its suffix demands: json, jsonl, yaml (its syntax), png, jpg, wav,
safetensors, npy, npz. A picture, sound or array of another format than its suffix names does not, nor does JSON with a
key twice or NaN. ``undecoded`` names the files that were not decoded, because no decoder knows the suffix. ``digests``
compares a file with the sha256 in a digest file, bare or in the form of sha256sum. Names in the metrics are relative to
the spec's folder.

It matters because "the artifact exists" is the weakest thing to say of it: a crashed writer leaves an empty file, a
full disk half a picture, a link whose target moves another file than the one that was checked.

It cannot see whether the contents are the right ones, nor when they were written: `command.run` finds a file left over
from an earlier run. A path that is a link is never followed.

```yaml
- id: artifacts
  check: files.inspect
  with:
    paths: [outputs/report.json, outputs/recon.wav]
    globs: ["outputs/lm_smoke/*.json"]
    digests: {outputs/token_space.json: outputs/token_space.json.sha256}
  expect:
    missing: []
    unmatched_globs: []
    not_regular: []
    empty: []
    undecodable: []
    digest_mismatch: []
```
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from speccheck.sdk import Check, Context, Evidence, Finding, MeasurementError, Metric, param
from speccheck.sdk.files import is_present, is_regular, portable_name, sha256, undecodable


@dataclass(frozen=True)
class Params:
    """Which files, and what is done with them."""

    paths: tuple[Path, ...] = param("files that must be there", default=())
    globs: tuple[str, ...] = param(
        "patterns of files, from the spec's folder; `**` is any depth of folders", default=()
    )
    decode: Literal["auto", "none"] = param("auto decodes the files whose suffix is known", default="auto")
    digests: Mapping[str, Path] = param("file, from the spec's folder, to the file that holds its sha256", default={})


_NO_FILE = "no regular file is found"
_NONE = "globs alone are given, and match nothing; none for a name that is no regular file, which is judged unknown"

METRICS: Mapping[str, Metric] = {
    "count": Metric(kind="number", min=0, doc="regular files found"),
    "bytes": Metric(kind="number", min=0, doc="their sizes together", unit="bytes"),
    "missing": Metric(
        kind="list", of="text", doc="files named that are not there", optional="no path and no digest is named"
    ),
    "unmatched_globs": Metric(kind="list", of="text", doc="globs that match no file", optional="no glob is given"),
    "not_regular": Metric(
        kind="list", of="text", doc="links, folders and the like", optional="nothing is found under any name"
    ),
    "empty": Metric(kind="list", of="text", doc="files of no byte", optional=_NO_FILE),
    "undecodable": Metric(
        kind="list",
        of="text",
        doc="files whose contents do not decode as their suffix demands",
        optional="no file has a suffix that is decoded",
    ),
    "undecoded": Metric(
        kind="list",
        of="text",
        doc="files whose contents were not looked at, since no decoder knows their suffix",
        optional=f"{_NO_FILE}, or decode is none",
    ),
    "decoded": Metric(kind="number", min=0, doc="files that were decoded, with success or not"),
    "digests_checked": Metric(kind="number", min=0, doc="files compared with a digest"),
    "digest_mismatch": Metric(
        kind="list",
        of="text",
        doc="files in digests that their digest file does not confirm, those that are missing included",
        optional="no digest is given",
    ),
    "size.*": Metric(kind="number", min=0, doc="size of each file named or matched", unit="bytes", optional=_NONE),
    "sha256.*": Metric(kind="text", doc="sha256 of each, in hex", optional=_NONE),
}


def measure(params: Params, context: Context) -> Evidence:
    """Look at every file once; MeasurementError when none is named, or a decoder is not installed."""
    if not (params.paths or params.globs or params.digests):
        raise MeasurementError("neither paths nor globs nor digests name a file")
    folder = context.folder
    pairs = {folder / file: folder / digest for file, digest in params.digests.items()}
    named = [folder / path for path in params.paths] + [path for pair in pairs.items() for path in pair]
    matched = {pattern: _matches(pattern, folder) for pattern in params.globs}
    found = {portable_name(path, folder): path for path in [*named, *(p for each in matched.values() for p in each)]}
    present = {name: path for name, path in sorted(found.items()) if is_present(path)}
    regular = {name: path for name, path in present.items() if is_regular(path)}
    sizes = {name: path.lstat().st_size for name, path in regular.items()}
    hashes = {name: sha256(path) for name, path in regular.items()}
    metrics: dict[str, Any] = {"count": len(regular), "bytes": sum(sizes.values())}
    findings: list[Finding] = []
    if named:
        metrics["missing"] = sorted(set(found) - set(present))
    if matched:
        metrics["unmatched_globs"] = [pattern for pattern, paths in matched.items() if not paths]
    if present:
        metrics["not_regular"] = [name for name in present if name not in regular]
    if regular:
        metrics["empty"] = [name for name, size in sizes.items() if size == 0]
    if found:  # a name without a file is a member too, so that `*` does not pass over it
        metrics |= {"size": dict.fromkeys(sorted(found)) | sizes, "sha256": dict.fromkeys(sorted(found)) | hashes}
    if params.decode == "auto":
        findings += _decode(regular, metrics)
    else:
        metrics["decoded"] = 0
    findings += _digests(pairs, hashes, folder, metrics)
    return Evidence(metrics=metrics, findings=tuple(findings))


def _matches(pattern: str, folder: Path) -> list[Path]:
    """The matches of the glob without folders; links are kept, not followed."""
    paths = [folder / match for match in glob.glob(pattern, root_dir=folder, recursive=True)]  # noqa: PTH207 - absolute ones too
    return [path for path in paths if path.is_symlink() or not path.is_dir()]


def _decode(files: Mapping[str, Path], metrics: dict[str, Any]) -> list[Finding]:
    reasons = {name: undecodable(path) for name, path in files.items()}
    known = {name: reason for name, reason in reasons.items() if reason is not None}
    metrics["decoded"] = len(known)
    if files:
        metrics["undecoded"] = [name for name in files if name not in known]
    if known:
        metrics["undecodable"] = [name for name, reason in known.items() if reason]
    return [Finding(f"does not decode: {reason}", file=name) for name, reason in known.items() if reason]


def _digests(
    pairs: Mapping[Path, Path], hashes: Mapping[str, str], folder: Path, metrics: dict[str, Any]
) -> list[Finding]:
    findings: list[Finding] = []
    for path, digest in pairs.items():
        name, beside = portable_name(path, folder), portable_name(digest, folder)
        written = _written_digest(digest, path) if beside in hashes else None
        if name not in hashes or beside not in hashes:
            findings.append(
                Finding(f"cannot be compared: {name if name not in hashes else beside} is not a file", file=name)
            )
        elif written is None:
            findings.append(Finding(f"{beside} holds no sha256 of it", file=name))
        elif written != hashes[name]:
            findings.append(Finding(f"has sha256 {hashes[name]}, {beside} states {written}", file=name))
    metrics["digests_checked"] = sum(all(portable_name(p, folder) in hashes for p in pair) for pair in pairs.items())
    if pairs:
        metrics["digest_mismatch"] = [finding.file for finding in findings]
    return findings


def _written_digest(path: Path, of: Path) -> str | None:
    """The sha256 of a file in a digest file: that of the line that names the file, or the only, bare one.

    Of several lines with the file's name those count whose folders are the file's; None where these do not agree.
    """
    lines = path.read_text("utf-8", errors="replace").splitlines()
    rows = [match for line in lines if (match := re.fullmatch(r"\s*([0-9a-fA-F]{64})(?:\s+\*?(.*\S))?\s*", line))]
    named = [(Path(row[2]), row[1].lower()) for row in rows if row[2] is not None and Path(row[2]).name == of.name]
    exact = [digest for name, digest in named if os.path.normpath(path.parent / name) == os.path.normpath(of)]
    ending = [digest for name, digest in named if of.parts[-len(name.parts) :] == name.parts]
    chosen = exact or ending or [digest for _, digest in named]
    if chosen:
        return chosen[0] if len(set(chosen)) == 1 else None
    bare = [row[1].lower() for row in rows if row[2] is None]
    return bare[0] if len(bare) == 1 == len(rows) else None


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
