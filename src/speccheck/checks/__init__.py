"""The built-in checks: one module a check, named by family and file; measure only."""
