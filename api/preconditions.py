"""`ETag` and `If-Match`: a memory's revision, so that nobody overwrites what they have not read."""

import re

from rest_framework.request import Request

from vault.errors import Invalid, Stale
from vault.types import Memory

# Compressing an answer makes its ETag weak; the revision in it is the same.
_ETAG = re.compile(r'(?:W/)?"([^"\s]{1,40})"')


def etag(memory: Memory) -> str:
    return f'"{memory.revision}"'


def if_match(request: Request) -> int | None:
    """The revision that the caller read; None when it says nothing or `*`.

    Invalid unless it is one ETag in quotes; Stale when no revision could ever have it.
    """
    sent = request.headers.get("If-Match", "*").strip()
    if sent == "*":
        return None
    found = _ETAG.fullmatch(sent)
    if found is None:
        raise Invalid('Send the ETag of the memory you read, such as "3".', "If-Match")
    tag = found[1]
    if not tag.isascii() or not tag.isdigit() or len(tag) > 9:
        raise Stale
    return int(tag)
