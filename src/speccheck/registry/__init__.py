"""The registry: the checks, loaders and reporters of the installed distributions, found without importing them.

Each distribution names one module under the entry point group ``speccheck``. That module is imported and its hooks are
called; check modules, loaders and reporters are imported when first used. A plugin that cannot be imported, offers a
name twice or misspells a hook is an error that names its distribution (codes SC701 to SC704).
"""

from speccheck.registry.discovery import GROUP, discover
from speccheck.registry.offers import Offer, Plugin, Registry, RegistryError

__all__ = ["GROUP", "Offer", "Plugin", "Registry", "RegistryError", "discover"]
