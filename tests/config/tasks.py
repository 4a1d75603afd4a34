"""Tasks for the tests of the worker: they leave traces in files."""

import time
from pathlib import Path

from celery import shared_task


@shared_task
def write(path: str, text: str) -> str:
    with Path(path).open("a") as file:
        file.write(text + "\n")
    return text


@shared_task
def write_slowly(path: str, text: str) -> None:
    """Says that it began, and finishes unless its worker is killed first."""
    write(path, f"began {text}")
    time.sleep(2)
    write(path, f"ended {text}")


@shared_task
def fail(text: str) -> None:
    raise ValueError(text)
