"""Starts the door of the tests, as the web server is started."""

from dataclasses import replace

from config import children
from config.processes import Service
from tests.stack import Live, Stack, environment


class Door(Live):
    """The web server with somebody's token in every request."""

    def __init__(self, stack: Stack, token: str) -> None:
        super().__init__(stack)
        self._token = token

    def service(self) -> Service:
        token = environment(DOOR_TOKEN=self._token)
        made = children.web(self.stack.home, token, "127.0.0.1", self.port)
        door = "tests.conformance.door:application"
        argv = tuple(door if word == "config.asgi:application" else word for word in made.argv)
        return replace(made, argv=argv, log=made.log.with_name("door.log"))
