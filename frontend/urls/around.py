"""The addresses of the pages to look around in: map, timeline, flow."""

from django.urls import path

from frontend.views import flow, map, timeline

urlpatterns = [
    path("map/", map.map, name="map"),
    path("map/points/", map.points, name="map-points"),
    path("map/list/", map.listed, name="map-list"),
    path("map/cards/<uuid:memory_id>/", map.card, name="map-card"),
    path("timeline/", timeline.timeline, name="timeline"),
    path("flow/", flow.flow, name="flow"),
]
