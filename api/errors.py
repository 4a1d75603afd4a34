"""Every error as an RFC 9457 problem: one table, and the two places that use it.

`problem_handler` answers what views raise; `api.middleware` what Django says before a view runs.
No memory text, key or token is in any answer or log line: only fixed words, the names of fields,
and messages of the vault, whose contract is the same.
"""

import logging
import traceback
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from api.challenges import InsufficientScope, challenge
from sync.errors import NotNow
from vault import errors
from vault.keys.custodian import KeyServerError

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """What goes wrong, as callers tell it apart. An empty `detail` passes the error's own on."""

    status: int
    slug: str
    title: str
    detail: str = ""

    @property
    def type(self) -> str:
        """A stable name, not an address: it is the same on every host."""
        return f"urn:satchel:problem:{self.slug}"


class TooLarge(exceptions.APIException):
    """Send a smaller body."""

    status_code = 413


class KeyReused(exceptions.APIException):
    """Use a new Idempotency-Key for a new request."""

    status_code = 422


UNEXPECTED = Problem(
    500, "unexpected", "Something went wrong here", "It was not your request. Try again later."
)
NOT_FOUND = Problem(404, "not-found", "Not found", "There is nothing here that you may see.")
INVALID = Problem(400, "invalid", "Not valid", "Correct what `errors` names, then send it again.")
UNREADABLE = Problem(400, "unreadable", "Not readable", "Send one JSON object, in UTF-8.")
NOT_UNDERSTOOD = Problem(
    400, "unreadable", "Not readable", "This request cannot be answered as it was sent."
)
FORBIDDEN = Problem(403, "refused", "Not allowed", "This request was refused.")
NOT_SIGNED_IN = Problem(401, "locked", "Not signed in", "Send a token that works, or sign in.")

# The first row that fits decides, so the narrower error stands above the wider one.
TABLE: tuple[tuple[type[Exception], Problem], ...] = (
    (errors.Locked, Problem(401, "locked", "Not signed in")),
    (errors.WrongSecret, Problem(401, "locked", "Not signed in")),
    (errors.NotFound, NOT_FOUND),
    (
        errors.KeyNeeded,
        Problem(
            403,
            "step-up-required",
            "Only on a page",
            "This needs the key of the whole vault, which takes the owner's password or passkey:"
            " neither is sent to the API. `page` is where to do it.",
        ),
    ),
    (errors.Refused, Problem(403, "refused", "Not allowed")),
    (
        InsufficientScope,
        Problem(
            403,
            "insufficient-scope",
            "Not asked for",
            "This token was made for less. Ask its owner for the scopes in WWW-Authenticate.",
        ),
    ),
    (NotNow, Problem(409, "not-now", "Not now")),
    (
        errors.Outdated,
        Problem(410, "start-again", "Too old to go on from", "Start again without a cursor."),
    ),
    (
        errors.KeyChanged,
        Problem(503, "key-changed", "The key was changed just now", "Repeat the same request."),
    ),
    (
        errors.Stale,
        Problem(412, "stale", "Changed meanwhile", "Read it again, then repeat the change."),
    ),
    (errors.Invalid, INVALID),
    (
        errors.Tampered,
        Problem(500, "tampered", "Stored data was altered", "Nothing was shown. Ask the owner."),
    ),
    (exceptions.ValidationError, INVALID),
    (exceptions.ParseError, UNREADABLE),
    (exceptions.NotAuthenticated, NOT_SIGNED_IN),
    (exceptions.AuthenticationFailed, NOT_SIGNED_IN),
    (
        exceptions.PermissionDenied,
        Problem(403, "refused", "Not allowed", "Send the CSRF token of the signed-in page."),
    ),
    (exceptions.NotFound, NOT_FOUND),
    (Http404, NOT_FOUND),
    (PermissionDenied, FORBIDDEN),
    (
        exceptions.MethodNotAllowed,
        Problem(405, "method", "Method not allowed", "`Allow` names the methods of this address."),
    ),
    (
        exceptions.NotAcceptable,
        Problem(406, "not-acceptable", "Only JSON is served", "Accept application/json."),
    ),
    (TooLarge, Problem(413, "too-large", "Too large", "Send at most 1 MiB.")),
    (
        exceptions.UnsupportedMediaType,
        Problem(415, "media-type", "Only JSON is read", "Send Content-Type: application/json."),
    ),
    (
        KeyReused,
        Problem(
            422,
            "key-reused",
            "Idempotency-Key used before",
            "It was sent with another request. Use a new key for a new request.",
        ),
    ),
    (
        exceptions.Throttled,
        Problem(429, "throttled", "Too many requests", "Wait as long as Retry-After says."),
    ),
    (
        KeyServerError,
        Problem(503, "unavailable", "Not available now", "Try again in a moment."),
    ),
    (
        OperationalError,
        Problem(503, "unavailable", "Not available now", "Try again in a moment."),
    ),
    (SuspiciousOperation, NOT_UNDERSTOOD),
    (UnreadablePostError, NOT_UNDERSTOOD),
)


def problem_of(error: Exception) -> Problem:
    for kind, problem in TABLE:
        if isinstance(error, kind):
            return problem
    return UNEXPECTED


def problem_for_status(status: int) -> Problem:
    """For an answer that Django gave without an exception of ours."""
    known = {400: NOT_UNDERSTOOD, 403: FORBIDDEN, 404: NOT_FOUND}
    refusal = Problem(status, "refused", "Not allowed", "This request was refused.")
    return UNEXPECTED if status >= 500 else known.get(status, refusal)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Django REST framework calls this for whatever a view raised."""
    problem = problem_of(error)
    if problem.status >= 500:
        _log(error, context)
    body = body_of(problem, detail=problem.detail or own_words(error))
    if found := _fields(error):
        body["errors"] = found
    if isinstance(error, errors.KeyNeeded):
        body["page"] = context["request"].build_absolute_uri(context["view"].page)
    headers = _headers(error, context["request"])
    return Response(body, problem.status, headers=headers, content_type=CONTENT_TYPE)


def body_of(problem: Problem, detail: str = "") -> dict[str, Any]:
    return {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": detail or problem.detail,
    }


def own_words(error: Exception) -> str:
    """Of an error of ours: what it says, or else what its kind is for."""
    return str(error) or (type(error).__doc__ or "").strip()


def _headers(error: Exception, request: Request) -> dict[str, str]:
    headers = {}
    if problem_of(error).status == 401:
        sent = "invalid_token" if request.META.get("HTTP_AUTHORIZATION") else ""
        headers["WWW-Authenticate"] = challenge(request, error=sent)
    if isinstance(error, InsufficientScope):
        headers["WWW-Authenticate"] = challenge(request, error.scopes, "insufficient_scope")
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(int(getattr(error, "wait", None) or 1))
    elif problem_of(error).status == 503:
        headers["Retry-After"] = "1"
    return headers


def _fields(error: Exception) -> dict[str, list[str]]:
    """Messages by field; a field inside a list or object is written `messages.0.role`."""
    if isinstance(error, errors.Invalid):
        return {error.field or "body": [str(error)]}
    if isinstance(error, exceptions.ValidationError):
        return _flat(error.detail, "")
    return {}


def _flat(detail: Any, path: str) -> dict[str, list[str]]:
    if isinstance(detail, dict):
        children = {str(key): value for key, value in detail.items()}
    elif isinstance(detail, list) and any(isinstance(part, dict | list) for part in detail):
        children = {str(key): value for key, value in enumerate(detail)}
    else:
        parts = detail if isinstance(detail, list) else [detail]
        return {path or "body": [str(part) for part in parts]}
    found: dict[str, list[str]] = {}
    for key, value in children.items():
        name = path if key == "non_field_errors" else f"{path}.{key}" if path else key
        found |= _flat(value, name) if value else {}
    return found


def _log(error: Exception, context: dict[str, Any]) -> None:
    # An exception's message may quote what it choked on, so only its type and place are written.
    place = "".join(traceback.format_tb(error.__traceback__))
    view = type(context.get("view")).__name__
    logger.error("%s in %s\n%s", type(error).__name__, view, place)
