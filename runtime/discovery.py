"""Files that a room finds by itself: the modules of a folder, each with one constant of an agreed name."""

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


class PartInvalid(Exception):
    """A module lacks the constant that its folder collects."""


def discovered(package: str, constant: str) -> dict[str, Any]:
    """Return the constant of each module in a package by the module's name, in alphabetic order.

    The package may still be importing. Raises PartInvalid naming the module that lacks the constant.
    """
    constants: dict[str, Any] = {}
    for name in sorted(module.name for module in iter_modules(sys.modules[package].__path__)):
        module = import_module(f"{package}.{name}")
        if not hasattr(module, constant):
            raise PartInvalid(f"`{package}.{name}` has no `{constant}`, which each module of `{package}` must have")
        constants[name] = getattr(module, constant)
    return constants
