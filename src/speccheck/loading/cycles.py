"""Cycles in graphs of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def find_cycles(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the cycles of a graph, each as a chain that ends where it begins; one for each edge that closes one.

    Every cycle shares a name with one of those found.
    """
    state: dict[str, int] = {}
    found: list[list[str]] = []
    for start in edges:
        if start in state:
            continue
        state[start] = 1
        chain = [start]
        stack = [iter(edges[start])]
        while stack:
            for name in stack[-1]:
                if state.get(name) == 1:
                    found.append([*chain[chain.index(name) :], name])
                elif name not in state and name in edges:
                    state[name] = 1
                    chain.append(name)
                    stack.append(iter(edges[name]))
                    break
            else:
                stack.pop()
                state[chain.pop()] = 2
    return found
