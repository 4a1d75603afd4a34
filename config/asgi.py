"""The one ASGI application: static files, and Django in a bounded pool of threads.

Django runs behind its WSGI handler, which measured twice as fast as its ASGI handler. What needs
to stream, such as `/mcp`, gets a branch of its own in `application`.
"""

import multiprocessing
import os
import signal

from a2wsgi import WSGIMiddleware
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from servestatic import ServeStaticASGI

from config.bodies import WholeBodies
from config.processes import end_with_parent, keep_memory_private

keep_memory_private()
if multiprocessing.parent_process():
    # A granian that is killed outright would leave this process behind, holding the port.
    end_with_parent(signal.SIGKILL)

django = WholeBodies(
    WSGIMiddleware(get_wsgi_application(), workers=settings.SATCHEL_WEB_THREADS)  # type: ignore[arg-type]
)
static = ServeStaticASGI(
    django, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL, allow_all_origins=False
)


async def application(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    await static(scope, receive, send)
