"""The addresses of connections."""

from django.urls import path

from frontend.views import (
    connectionending,
    connectionnew,
    connectionnotices,
    connections,
    connectionsettings,
)

_ONE = "connections/<uuid:connection_id>/"

urlpatterns = [
    path("connections/", connections.listing, name="connections"),
    path("connections/new/", connectionnew.choose, name="connection-choose"),
    path("connections/new/<str:connector>/", connectionnew.new, name="connection-new"),
    path(_ONE, connections.connection, name="connection"),
    path(f"{_ONE}run/", connections.run, name="connection-run"),
    path(f"{_ONE}pause/", connections.pause, name="connection-pause"),
    path(f"{_ONE}waive/", connections.waive, name="connection-waive"),
    path(f"{_ONE}resume/", connectionsettings.resume, name="connection-resume"),
    path(f"{_ONE}settings/", connectionsettings.change, name="connection-settings"),
    path(f"{_ONE}reconnect/", connectionsettings.reconnect, name="connection-reconnect"),
    path(f"{_ONE}notices/", connectionnotices.notices, name="connection-notices"),
    path(f"{_ONE}end/", connectionending.end, name="connection-end"),
]
