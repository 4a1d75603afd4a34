"""The addresses of taking memories along to another model."""

from django.urls import path

from frontend.views import move

_ONE = "move/taken/<uuid:taken_id>/"

urlpatterns = [
    path("move/", move.choose, name="move"),
    path("move/to/<str:target>/", move.slice, name="move-slice"),
    path(_ONE, move.taken, name="move-taken"),
    path(f"{_ONE}files/", move.files, name="move-files"),
    path(f"{_ONE}steps/", move.steps, name="move-steps"),
    path(f"{_ONE}answer/", move.answer, name="move-answer"),
]
