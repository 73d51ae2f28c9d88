"""Reads a spec: YAML with positions, references, includes, matrix; gives a resolved Spec, or diagnostics."""

from speccheck.spec.code import Code
from speccheck.spec.codes import CODES
from speccheck.spec.load import Loaded, load_spec
from speccheck.spec.render import render_diagnostics
from speccheck.spec.schema import spec_schema

__all__ = ["CODES", "Code", "Loaded", "load_spec", "render_diagnostics", "spec_schema"]
