"""Moves the library in: rooms find the files here beside their own, before they are imported. As a script, it prints
what the catalogue then knows; a process of its own, because rooms are read once."""

import json
import sys
from importlib.util import find_spec, module_from_spec
from pathlib import Path

FOLDERS = {"connectors.records": "records", "schema.records": "schema"}


def move_in() -> None:
    """Add the library's folders to the rooms. Raises RuntimeError where a room was imported before."""
    for room, folder in FOLDERS.items():
        if room in sys.modules:
            raise RuntimeError(f"`{room}` has found its files already")
        spec = find_spec(room)
        assert spec is not None and spec.loader is not None and spec.submodule_search_locations is not None
        spec.submodule_search_locations.append(str(Path(__file__).parent / folder))
        sys.modules[room] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


def main() -> None:
    move_in()
    from connectors.records import HOLDERS, RECORDS
    from schema.build import build_schema

    schema, catalogue = build_schema()
    known = {
        "records": sorted(RECORDS),
        "holders": sorted(HOLDERS),
        "nodes": catalogue.node_keys,
        "types": {name: type_.record for name, type_ in catalogue.record_types.items()},
        "sdl": schema.as_str(),
    }
    json.dump(known, sys.stdout)


if __name__ == "__main__":
    main()
