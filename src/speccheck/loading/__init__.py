"""Reads a spec: YAML with positions, references, includes, matrix; gives a resolved Spec, or diagnostics."""

from speccheck.loading.code import Code
from speccheck.loading.codes import CODES
from speccheck.loading.load import Loaded, load_spec
from speccheck.loading.render import render_diagnostics
from speccheck.loading.schema import spec_schema

__all__ = ["CODES", "Code", "Loaded", "load_spec", "render_diagnostics", "spec_schema"]
