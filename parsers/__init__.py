"""A library of parsers: bytes in, rows out. Finds every parser under this folder; there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from parsers.contract import Parser

_NOT_PARSERS = {"contract", "questions", "formats"}


@cache
def all_parsers() -> tuple[Parser, ...]:
    """Every parser of this library, sorted by full name.

    Raises:
        ImportError: two modules declare the same full name, or a module names its parser otherwise.
    """
    found: dict[str, Parser] = {}
    for family in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        if not family.ispkg or family.name in _NOT_PARSERS:
            continue
        package = importlib.import_module(f"parsers.{family.name}")
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda one: one.name):
            loaded = importlib.import_module(f"parsers.{family.name}.{module.name}")
            declared = getattr(loaded, module.name, None)
            if not isinstance(declared, Parser):
                raise ImportError(  # noqa: TRY004
                    f"parsers/{family.name}/{module.name}.py declares no parser {module.name!r}"
                )
            found[declared.full_name] = declared
    return tuple(found[name] for name in sorted(found))
