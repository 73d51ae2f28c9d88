"""Read a spec: YAML with positions, references, includes and matrices; the result is a Spec or diagnostics."""

from speccheck.loading.codes import Code, diagnostic_codes, explain_code
from speccheck.loading.diagnostics import render_diagnostics
from speccheck.loading.load import Loaded, load_spec
from speccheck.loading.schema import spec_schema

__all__ = ["Code", "Loaded", "diagnostic_codes", "explain_code", "load_spec", "render_diagnostics", "spec_schema"]
