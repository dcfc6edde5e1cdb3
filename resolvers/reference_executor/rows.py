"""A row as the reference executor hands it from field to field."""

from collections.abc import Mapping, Sequence
from typing import Any


class RecordRow:
    """A safe row of one GraphQL type: values by (coordinate, column), null where not permitted."""

    __slots__ = ("_places", "typename", "values")

    def __init__(
        self, typename: str, values: Sequence[Any], places: Mapping[tuple[str, str | None], int | None]
    ) -> None:
        self.typename = typename
        self.values = values
        self._places = places

    def readable(self, coordinate: str, column: str | None) -> Any:
        """Return the value, for who goes on with it. Raises the fault that stands in place of an unreadable one."""
        value = self.value(coordinate, column)
        if isinstance(value, Exception):
            raise value
        return value

    def value(self, coordinate: str, column: str | None) -> Any:
        """Return the value wanted of the column by the coordinate; None where it is null, denied or not fetched."""
        place = self._places[coordinate, column]
        return None if place is None else self.values[place]
