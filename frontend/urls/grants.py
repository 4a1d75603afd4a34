"""The addresses of one row of the table of grants."""

from django.urls import path

from frontend.views import grantrow

urlpatterns = [
    path("grants/<uuid:grant_id>/row/", grantrow.row, name="grant-row"),
    path("grants/<uuid:grant_id>/row/undo/", grantrow.undo, name="grant-row-undo"),
]
