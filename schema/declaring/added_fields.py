"""Fields that a subject adds to types of others, so that the others need not name the subject."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddedFields:
    """The fields of the Strawberry type `fields`, for another type: its class, or its name where it is composed last.

    They come after the field that the other's class calls `after`, or else last.
    """

    of: type | str
    fields: type
    after: str | None = None


def add_fields(additions: Iterable[AddedFields], composed: Mapping[str, type]) -> None:
    """Add fields to the definitions of types, once; `composed`: types by the names that additions call them by.

    Raises ValueError for a type or field that is not there, and for a field that is there already.
    """
    for addition in additions:
        target = composed.get(addition.of) if isinstance(addition.of, str) else addition.of
        if target is None:
            raise ValueError(f"`{addition.fields.__name__}` adds fields to `{addition.of}`, which is not composed")
        fields = target.__strawberry_definition__.fields  # type: ignore[attr-defined]
        added = addition.fields.__strawberry_definition__.fields  # type: ignore[attr-defined]
        if all(any(field is new for field in fields) for new in added):
            continue  # the schema was built before
        names = [field.python_name for field in fields]
        for field in added:
            if field.python_name in names:
                raise ValueError(f"`{target.__name__}.{field.python_name}` is there already")
        if addition.after is not None and addition.after not in names:
            raise ValueError(f"`{addition.fields.__name__}` comes after `{addition.after}`, which is not there")
        place = len(fields) if addition.after is None else names.index(addition.after) + 1
        fields[place:place] = added
