"""The addresses of taking a vault out, bringing one back, and erasing everything."""

from django.urls import path

from frontend.views import data, erase, restore

urlpatterns = [
    path("settings/data/", data.data, name="data"),
    path("settings/data/restore/", restore.restore, name="restore"),
    path("settings/data/erase/", erase.erase, name="erase"),
    path("settings/data/erase/hold/", erase.hold, name="erase-hold"),
    path("settings/data/archives/<uuid:job_id>/", data.archive, name="archive"),
    path("settings/data/archives/<uuid:job_id>/start/", data.start, name="archive-start"),
    path("settings/data/archives/<uuid:job_id>/download/", data.download, name="archive-download"),
    path("settings/data/archives/<uuid:job_id>/cancel/", data.cancel, name="archive-cancel"),
    path("settings/data/archives/<uuid:job_id>/resume/", data.resume, name="archive-resume"),
    path("erased/", erase.erased, name="erased"),
]
