"""The addresses under /api/v1/."""

from django.urls import path, re_path

from api.rest.collections import Collections
from api.rest.context import Context
from api.rest.health import Health
from api.rest.me import Me
from api.rest.memories import History, Memories, OneMemory
from api.rest.schema import OpenApi
from api.rest.search import Search
from api.rest.view import Nowhere

app_name = "api"
urlpatterns = [
    path("health", Health.as_view(), name="health"),
    path("schema", OpenApi.as_view(), name="schema"),
    path("me", Me.as_view(), name="me"),
    path("context", Context.as_view(), name="context"),
    path("search", Search.as_view(), name="search"),
    path("collections", Collections.as_view(), name="collections"),
    path("memories", Memories.as_view(), name="memories"),
    path("memories/<uuid:memory_id>", OneMemory.as_view(), name="memory"),
    path("memories/<uuid:memory_id>/history", History.as_view(), name="history"),
    re_path("", Nowhere.as_view()),
]
