"""Which records and columns a field cannot be without."""

from collections.abc import Iterator

from engine.catalogue import Catalogue
from engine.declarations import Column, Edge, Identifier, Pages, Root


def read_from(catalogue: Catalogue, typename: str, name: str) -> Iterator[tuple[str, str | None]]:
    """Yield (record, column) that a field is read from; None stands for rows of the record."""
    record_type = catalogue.record_types.get(typename)
    if record_type is not None:
        yield record_type.record, None
    match catalogue.declaration(typename, name):
        case (Column() | Identifier()) as own if record_type is not None:
            yield record_type.record, own.column
        case (Edge() | Pages()) as rows:
            yield rows.record, None
        case Root():
            shown = catalogue.record_types.get(catalogue.returned(typename, name).name)
            if shown is not None:
                yield shown.record, None
