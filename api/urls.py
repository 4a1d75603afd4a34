"""The addresses under /api/v1/."""

from django.urls import path, re_path

from api.rest.accesslog import AccessLog
from api.rest.changes import Changes
from api.rest.collections import Collections, OneCollection
from api.rest.context import Context
from api.rest.docs import Docs
from api.rest.grants import Grants, OneGrant
from api.rest.health import Health
from api.rest.imports import Imports, OneImport
from api.rest.me import Me
from api.rest.memories import History, Memories, OneMemory
from api.rest.memorytool import MemoryTool
from api.rest.ready import Ready
from api.rest.schema import OpenApi
from api.rest.search import Search
from api.rest.suggestions import Accept, Decline, Suggestions
from api.rest.view import Nowhere

app_name = "api"
urlpatterns = [
    path("health", Health.as_view(), name="health"),
    path("ready", Ready.as_view(), name="ready"),
    path("docs", Docs.as_view(), name="docs"),
    path("schema", OpenApi.as_view(), name="schema"),
    path("me", Me.as_view(), name="me"),
    path("context", Context.as_view(), name="context"),
    path("search", Search.as_view(), name="search"),
    path("collections", Collections.as_view(), name="collections"),
    path("collections/<uuid:collection_id>", OneCollection.as_view(), name="collection"),
    path("memories", Memories.as_view(), name="memories"),
    path("memories/<uuid:memory_id>", OneMemory.as_view(), name="memory"),
    path("memories/<uuid:memory_id>/history", History.as_view(), name="history"),
    path("memory-tool", MemoryTool.as_view(), name="memory-tool"),
    path("changes", Changes.as_view(), name="changes"),
    path("suggestions", Suggestions.as_view(), name="suggestions"),
    path("suggestions/<uuid:suggestion_id>/accept", Accept.as_view(), name="accept"),
    path("suggestions/<uuid:suggestion_id>/decline", Decline.as_view(), name="decline"),
    path("grants", Grants.as_view(), name="grants"),
    path("grants/<uuid:grant_id>", OneGrant.as_view(), name="grant"),
    path("imports", Imports.as_view(), name="imports"),
    path("imports/<uuid:import_id>", OneImport.as_view(), name="import"),
    path("access-log", AccessLog.as_view(), name="access-log"),
    re_path("", Nowhere.as_view()),
]
