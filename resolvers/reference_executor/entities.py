"""Apollo Federation's `_entities`: representations from a gateway, through the same Gate, each failing alone."""

from collections.abc import Sequence
from typing import Any

from auth.errors import Refused
from engine.declarations import Column, Identifier, Wanted
from resolvers.reference_executor.fields import rows_apart
from resolvers.reference_executor.roots import checked_text, wanted_or_refusal
from resolvers.request.request import Info, Request

MOST = 500


async def entities(info: Info, representations: list[Any]) -> list[Any]:
    """Return for each representation its row, null where it is unknown or not to be known of, or its own error."""
    return await rows_apart(info, wanted_entities(info.context, representations))


def wanted_entities(request: Request, representations: Sequence[Any]) -> list[Wanted | Exception]:
    """Return the row that each representation names, or why it names none. Raises Refused for too many of them."""
    if len(representations) > MOST:
        raise Refused(f"`representations` may hold at most {MOST}, not {len(representations)}")
    return [wanted_or_refusal(wanted_entity, request, representation) for representation in representations]


def wanted_entity(request: Request, representation: Any) -> Wanted:
    """Return the row that a representation names. Raises Refused for one without a known type and key."""
    if not isinstance(representation, dict) or not isinstance(representation.get("__typename"), str):
        raise Refused("a representation must be an object with `__typename`")
    typename = representation["__typename"]
    keys = request.catalogue.entity_keys.get(typename, {})
    for name, declaration in keys.items():
        if name not in representation:
            continue
        match declaration, representation[name]:
            case Identifier(_, column, kind), str(token):
                return Wanted(kind, column, [request.open_id(token, (kind,))[1]])
            case Column(_, column), str(text):
                return Wanted(typename, column, [checked_text(text, name)])
        break
    raise Refused("a representation must name an entity type of this graph and its key")
