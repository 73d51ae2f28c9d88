"""Subjects: named live objects under audit, built from their definitions when first needed.

Building executes what a spec names as target, function, expr or module.
"""

from speccheck.sdk.executing import Description
from speccheck.subjects.describe import describe, source_file
from speccheck.subjects.factory import Scope, SubjectFactory
from speccheck.subjects.pool import Change
from speccheck.subjects.seeding import derived_seed, random_restored, seeded
from speccheck.subjects.tracebacks import audited_traceback, is_audited_file

__all__ = [
    "Change",
    "Description",
    "Scope",
    "SubjectFactory",
    "audited_traceback",
    "derived_seed",
    "describe",
    "is_audited_file",
    "random_restored",
    "seeded",
    "source_file",
]
