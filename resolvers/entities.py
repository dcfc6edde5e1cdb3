"""Apollo Federation's `_entities`: representations from a gateway, through the same Gate, each failing alone."""

import asyncio
from typing import Any

from auth.errors import Refused
from engine.declarations import Wanted
from resolvers.fields import rows_wanted
from resolvers.request import Info, Request
from resolvers.roots import NODE_KEYS, checked_text, node_wanted

MOST = 500


async def entities(info: Info, representations: list[Any]) -> list[Any]:
    """Return for each representation its row, null where it is unknown or not to be known of, or its own error."""
    if len(representations) > MOST:
        raise Refused(f"`representations` may hold at most {MOST}, not {len(representations)}")
    return await asyncio.gather(*[_entity(info, one) for one in representations], return_exceptions=True)


async def _entity(info: Info, representation: Any) -> Any:
    return (await rows_wanted(info, wanted_entity(info.context, representation)))[0]


def wanted_entity(request: Request, representation: Any) -> Wanted:
    """Return the row that a representation names. Raises Refused for one without a known type and key."""
    if not isinstance(representation, dict) or not isinstance(representation.get("__typename"), str):
        raise Refused("a representation must be an object with `__typename`")
    typename = representation["__typename"]
    if typename == "Institution" and isinstance(representation.get("code"), str) and "id" not in representation:
        return Wanted("Institution", "code", [checked_text(representation["code"], "code")])
    kind = "Credential" if typename in ("Diploma", "Certificate") else typename
    token = representation.get("id")
    if kind not in NODE_KEYS or not isinstance(token, str):
        raise Refused("a representation must name an entity type of this graph and its key")
    return node_wanted(request, token, (kind,))
