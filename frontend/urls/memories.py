"""Addresses for merging, splitting, dating, and doing something to many memories."""

from django.urls import path

from frontend.views import acts, combining, memory

urlpatterns = [
    path("memories/<uuid:memory_id>/span/", memory.span, name="memory-span"),
    path("memories/<uuid:memory_id>/split/", combining.split, name="memory-split"),
    path("memories/merge/", combining.merge, name="memory-merge"),
    path("memories/several/", acts.begin, name="acts-begin"),
    path("memories/several/<uuid:act_id>/", acts.act, name="act"),
    path("memories/several/<uuid:act_id>/on/", acts.go_on, name="act-go-on"),
    path("memories/several/<uuid:act_id>/undo/", acts.undo, name="act-undo"),
]
