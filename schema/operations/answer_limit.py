"""How large an answer may be: what is larger is withheld, and on record as such."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from auth.errors import Refused
from resolvers.request.request import Request

MEGABYTES: Final = 10
"""For those without an agreement; in millions of bytes."""


def written(request: Request, body: Mapping[str, Any], *, done: bool) -> bytes:
    """Return the body as JSON. Raises Refused for one over the agreed limit, and then nothing counts as released.

    What is `done` already is told of whatever its size.
    """
    text = orjson.dumps(body)
    most_bytes = (MEGABYTES if request.grant is None else request.grant.answer_megabytes) * 1_000_000
    if len(text) > most_bytes and not done:
        request.disclosure.withhold("ANSWER_TOO_LARGE", "answer-limit")
        message = f"the answer has {len(text)} bytes, more than the limit of {most_bytes}: ask for fewer rows or fields"
        raise Refused(message, "ANSWER_TOO_LARGE")
    return text
