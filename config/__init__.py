"""Settings, entry points and the embedded services. Nothing below may import it."""

from config.celery import app as celery_app

__version__ = "0.1.0"
__all__ = ["celery_app"]
