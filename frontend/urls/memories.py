"""Addresses for merging, splitting, dating, settling, saved views, and doing something to many."""

from django.urls import path

from frontend.views import acts, combining, disagreements, memory, savedviews

urlpatterns = [
    path("memories/<uuid:memory_id>/span/", memory.span, name="memory-span"),
    path("memories/<uuid:memory_id>/split/", combining.split, name="memory-split"),
    path("memories/merge/", combining.merge, name="memory-merge"),
    path("memories/<uuid:memory_id>/settle/", disagreements.settle, name="memory-settle"),
    path(
        "memories/<uuid:memory_id>/settle/undo/<slug:token>/",
        disagreements.unsettle,
        name="memory-unsettle",
    ),
    path("memories/views/", savedviews.listing, name="saved-views"),
    path("memories/views/save/", savedviews.save, name="saved-view-save"),
    path("memories/views/<uuid:view_id>/name/", savedviews.rename, name="saved-view-rename"),
    path("memories/views/<uuid:view_id>/delete/", savedviews.remove, name="saved-view-remove"),
    path("memories/views/<uuid:view_id>/back/", savedviews.put_back, name="saved-view-back"),
    path("memories/several/", acts.begin, name="acts-begin"),
    path("memories/several/<uuid:act_id>/", acts.act, name="act"),
    path("memories/several/<uuid:act_id>/on/", acts.go_on, name="act-go-on"),
    path("memories/several/<uuid:act_id>/undo/", acts.undo, name="act-undo"),
]
