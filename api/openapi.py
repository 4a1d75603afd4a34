"""What the generated OpenAPI document says beyond fields and addresses."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from vault.granting.scopes import SCOPES

PROBLEM = {(403, "application/problem+json"): {"$ref": "#/components/schemas/Problem"}}
"""For what is always refused."""
_PROBLEM = {
    "type": "object",
    "description": "What went wrong, as RFC 9457 has it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:satchel:problem:invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "Messages by field, such as `messages.0.role`.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_ANSWER = {
    "description": "A problem: nothing was done.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Schema(AutoSchema):
    """Tags by noun, and a problem as what every address may answer instead."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation:
            self.registry.register_on_missing(_problem_component())
            operation["responses"]["default"] = _ANSWER
        return operation


def tightened(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Bodies have no other fields than those listed, and some have at least one."""
    from api.rest.body import Body  # views, which this module is for, are made of bodies

    todo = [Body]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        for name in (kind.__name__, f"Patched{kind.__name__}"):
            if schema := result["components"]["schemas"].get(name):
                schema["additionalProperties"] = False
                schema |= {"minProperties": kind.least} if kind.least else {}
    return result


def _problem_component() -> ResolvedComponent:
    return ResolvedComponent(  # type: ignore[no-untyped-call]
        name="Problem", type=ResolvedComponent.SCHEMA, schema=_PROBLEM, object="Problem"
    )


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.auth.TokenAuthentication"
    name = ["token", "oauth2"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        view: Any = auto_schema.view
        if view.owner_only:
            return None
        ways = view.needs.get(auto_schema.method, ()) or ((),)
        return [{"token": []}, *({"oauth2": sorted(way)} for way in ways)]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        flow = {
            "authorizationUrl": "/oauth/authorize",
            "tokenUrl": "/oauth/token",
            "refreshUrl": "/oauth/token",
            "scopes": dict(SCOPES),
        }
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A token made under Grants; it opens what its grant allows.",
            },
            {
                "type": "oauth2",
                "description": "OAuth 2.1: authorization code with PKCE, S256.",
                "flows": {"authorizationCode": flow},
            },
        ]


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "api.auth.OwnerSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The owner's own pages; writing needs X-CSRFToken.",
        }
