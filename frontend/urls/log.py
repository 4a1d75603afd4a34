"""The addresses of what can be done with the access log."""

from django.urls import path

from frontend.views import activity, log, loglost

urlpatterns = [
    path("activity/check/", log.check, name="log-check"),
    path("activity/export/", log.export, name="log-export"),
    path("activity/compare/", log.compare, name="log-compare"),
    path("activity/accept/", log.accept, name="log-accept"),
    path("activity/anew/", loglost.anew, name="log-anew"),
    path("settings/log/", log.keep, name="log-keep"),
    path("memories/<uuid:memory_id>/readings/", activity.readings, name="memory-readings"),
]
