"""The addresses of sorting."""

from django.urls import path

from frontend.views import imports, sorting, tidying

urlpatterns = [
    path("import/<uuid:import_id>/private/", imports.private, name="import-private"),
    path("settings/sorting/", sorting.sorting, name="sorting"),
    path("settings/sorting/new/", sorting.new, name="sorting-new"),
    path("settings/sorting/suggest/", sorting.suggest, name="sorting-suggest"),
    path("settings/sorting/undo/", tidying.undo, name="sorting-undo"),
    path("settings/sorting/rule/undo/", sorting.undo, name="sorting-rule-undo"),
    path("settings/sorting/here/<uuid:collection_id>/", tidying.here, name="sorting-here"),
    path("settings/sorting/<uuid:rule_id>/", sorting.rule, name="sorting-rule"),
    path("settings/sorting/<uuid:rule_id>/shift/", sorting.shift, name="sorting-shift"),
    path("settings/sorting/<uuid:rule_id>/delete/", sorting.delete, name="sorting-delete"),
]
