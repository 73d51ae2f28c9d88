"""speccheck: declarative YAML audits for machine-learning pipelines.

Importing this package imports nothing heavy; what a plugin needs is in :mod:`speccheck.sdk`.
"""

__version__ = "0.1.0"
