"""The schema in the schema definition language: `python -m schema.printed [--write]`."""

import sys
from pathlib import Path

from schema.build import build_schema

COMMITTED = Path(__file__).parent / "schema.graphql"


def printed() -> str:
    """Return the SDL of the subgraph, federation directives included, ending in a line break."""
    schema, _ = build_schema()
    return schema.as_str().rstrip("\n") + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        COMMITTED.write_text(printed(), encoding="utf-8")
    else:
        sys.stdout.write(printed())
