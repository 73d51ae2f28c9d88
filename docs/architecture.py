"""Draw the floors in docs/architecture.md from the imports: ``python docs/architecture.py``.

The floors are those that tests/contract/test_house.py enforces. An arrow means that a module of one part imports a
module of the other, at its top or in a function.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
HOUSE = ROOT / "tests" / "contract" / "test_house.py"
SOURCE = ROOT / "src" / "speccheck"
PLUGINS = ROOT / "plugins"
PLUGINS_FLOOR = 2
PICTURE = re.compile(r"(?<=<!-- begin: python docs/architecture.py -->\n).*?(?=<!-- end -->\n)", re.DOTALL)
NOT_DRAWN = {"__init__", "builtin"}


def floors(house: Path = HOUSE) -> dict[str, int]:
    """Return the floor of each part, read from the test that enforces them."""
    for node in ast.parse(house.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["FLOORS"]:
            return {str(part): int(floor) for part, floor in ast.literal_eval(node.value).items()}
    raise ValueError(f"{house} assigns no FLOORS")


def imports(source: Path = SOURCE) -> dict[str, set[str]]:
    """Return, for each part of the package in ``source``, the other parts that its modules import."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(source.rglob("*.py")):
        part = path.relative_to(source).parts[0].removesuffix(".py")
        if part not in NOT_DRAWN:
            found[part] |= set(_parts(path)) - {part}
    return dict(found)


def imports_of_plugins(folder: Path = PLUGINS) -> set[str]:
    """Return the parts of speccheck that the plugins in ``folder`` import."""
    return {part for path in sorted(folder.glob("*/src/**/*.py")) for part in _parts(path)}


def _parts(path: Path) -> Iterator[str]:
    """The parts of speccheck that the module at ``path`` imports."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            first, _, rest = name.partition(".")
            part = rest.partition(".")[0]
            if first == SOURCE.name and part and not part.startswith("__"):
                yield part


def picture(floor_of: Mapping[str, int], imported: Mapping[str, set[str]]) -> str:
    """Return the diagram, highest floor first."""
    lines = ["```mermaid", "flowchart TD"]
    for floor in sorted(set(floor_of.values()), reverse=True):
        lines.append(f"  subgraph F{floor}")
        lines += [f"    {part}" for part in sorted(floor_of) if floor_of[part] == floor]
        lines.append("  end")
    order = sorted(imported, key=lambda part: (-floor_of[part], part))
    lines += [f"  {part} --> {' & '.join(sorted(imported[part]))}" for part in order if imported[part]]
    return "\n".join([*lines, "```", ""])


def drawn(text: str) -> str:
    """Return the page with its picture drawn anew."""
    new = picture({**floors(), PLUGINS.name: PLUGINS_FLOOR}, {**imports(), PLUGINS.name: imports_of_plugins()})
    text, replaced = PICTURE.subn(lambda _: new, text)
    if replaced != 1:
        raise ValueError(f"the page has {replaced} places for the picture, not one")
    return text


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
