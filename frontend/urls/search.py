"""The addresses of choosing which model finds memories."""

from django.urls import path

from frontend.views import searchsettings

urlpatterns = [
    path("settings/search/", searchsettings.search, name="search-settings"),
    path("settings/search/switch/", searchsettings.switch, name="search-switch"),
    path("settings/search/key/", searchsettings.key, name="search-key"),
    path("settings/search/cancel/", searchsettings.cancel, name="search-cancel"),
    path("settings/search/resume/", searchsettings.resume, name="search-resume"),
]
