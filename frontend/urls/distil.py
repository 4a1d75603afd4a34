"""The addresses of distilling, and of choosing a model for it."""

from django.urls import path

from frontend.views import distil, distillingmodel

urlpatterns = [
    path("settings/distilling/", distillingmodel.page, name="distilling-model"),
    path("settings/distilling/remove/", distillingmodel.remove, name="distilling-model-remove"),
    path("distil/", distil.choose, name="distil"),
    path("distil/<uuid:run_id>/", distil.state, name="distil-run"),
    path("distil/<uuid:run_id>/stop/", distil.stop, name="distil-stop"),
    path("distil/<uuid:run_id>/resume/", distil.resume, name="distil-resume"),
    path("distil/<uuid:run_id>/end/", distil.end, name="distil-end"),
]
