"""Seeds: states restored, results free of order and of what was imported before."""

from __future__ import annotations

import random
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

from speccheck.subjects import derived_seed, seeded


def drawn() -> tuple[float, float, float]:
    return random.random(), float(np.random.rand()), float(torch.rand(()))


def test_a_block_is_seeded_and_the_states_come_back() -> None:
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    expected = drawn()
    torch.manual_seed(5)
    np.random.seed(5)
    random.seed(5)
    with seeded(1):
        first = drawn()
    with pytest.raises(ValueError, match="audited"), seeded(2):
        drawn()
        raise ValueError("audited")
    with seeded(1):
        again = drawn()
        with seeded(3):
            other = drawn()
        rest = drawn()
    assert drawn() == expected
    assert first == again != other
    with seeded(1):
        drawn()
        assert drawn() == rest


def test_seeds_are_taken_from_the_name() -> None:
    assert derived_seed(0, "uti") == derived_seed(0, "uti")
    assert len({derived_seed(seed, name) for seed in range(4) for name in ("a", "b", "1", "")}) == 16
    assert all(0 <= derived_seed(seed, "x") < 2**32 for seed in range(50))


def test_cuda_states_come_back_or_get_the_outer_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(torch, "manual_seed", lambda seed: calls.append(("seed", seed)))
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", lambda: ["state"])
    monkeypatch.setattr(torch.cuda, "set_rng_state_all", lambda states: calls.append(("restore", states)))
    monkeypatch.setattr(torch.cuda, "manual_seed_all", lambda seed: calls.append(("seed cuda", seed)))
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    with seeded(1):
        pass
    assert calls == [("seed", 1), ("restore", ["state"])]
    calls.clear()
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    with seeded(1), seeded(2):
        pass
    assert calls == [("seed", 1), ("seed", 2), ("seed cuda", 1)]


SCRIPT = """
    import sys
    {first}
    sys.path.insert(0, {here!r})
    from pathlib import Path
    from unit.subjects.support import Loaders
    from speccheck.subjects import SubjectFactory, seeded

    loaders = Loaders()
    folder = Path({folder!r})
    given = {{"code": {{"": str(folder)}}, "folder": folder, "seed": 0, "environ": {{}}}}
    shop = SubjectFactory(**given, loader=loaders.load, declarations=loaders)
    scope = shop.scope({{
        "net": {{"target": "sd_net:make"}},
        "lazy": {{"target": "sd_lazy:make"}},
        "sum": {{"expr": "net + torch.rand(()).item() + np.random.rand()"}},
    }})
    with seeded(9):
        values = {{name: scope.get(name) for name in {order!r}}}
        import random, numpy, torch
        after = random.random(), float(numpy.random.rand()), float(torch.rand(()))
    print(sorted(values.items()), after)
"""


@pytest.mark.parametrize("order", [("net", "lazy", "sum"), ("sum", "lazy", "net"), ("lazy", "sum", "net")])
@pytest.mark.parametrize("first", ["", "import torch, numpy; torch.rand(3); numpy.random.rand(3)"])
def test_results_do_not_depend_on_order_or_earlier_imports(tmp_path: Path, first: str, order: tuple[str, ...]) -> None:
    (tmp_path / "sd_net.py").write_text(
        "import random, numpy, torch\nTABLE = torch.rand(3), numpy.random.rand(), random.random()\n"
        "def make(): return torch.rand(()).item() + numpy.random.rand() + random.random()"
    )
    (tmp_path / "sd_lazy.py").write_text(
        "def make():\n    import numpy, torch\n    return torch.rand(()).item() + numpy.random.rand()"
    )
    here = str(Path(__file__).parents[2])
    script = textwrap.dedent(SCRIPT).format(first=first, here=here, folder=str(tmp_path), order=order)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == expected(), done.stdout


def expected() -> str:
    """The values as drawn with everything imported beforehand, worked out from the seeds alone."""

    def make(seed: int, *, with_random: bool) -> float:
        with seeded(seed):
            value = torch.rand(()).item() + np.random.rand()
            return float(value + random.random()) if with_random else float(value)

    net = make(derived_seed(0, "net"), with_random=True)
    lazy = make(derived_seed(0, "lazy"), with_random=False)
    with seeded(derived_seed(0, "sum")):
        total = net + torch.rand(()).item() + np.random.rand()
    with seeded(9):
        after = drawn()
    return f"{[('lazy', lazy), ('net', net), ('sum', float(total))]} {after}"
