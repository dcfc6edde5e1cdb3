"""How large an answer may be: what is larger is withheld, and on record as such."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from auth.errors import Refused
from resolvers.request import Request

MOST_BYTES: Final = 10_000_000


def written(request: Request, body: Mapping[str, Any], *, done: bool, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the body as JSON. Raises Refused for one over the limit, and then nothing counts as released.

    What is `done` already is told of whatever its size.
    """
    text = orjson.dumps(body)
    if len(text) > most_bytes and not done:
        request.disclosure.withhold("ANSWER_TOO_LARGE", "answer-limit")
        message = f"the answer has {len(text)} bytes, more than the limit of {most_bytes}: ask for fewer rows or fields"
        raise Refused(message, "ANSWER_TOO_LARGE")
    return text
