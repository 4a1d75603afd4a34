"""What sync keeps: work in progress, and connections with what they brought and sent."""

from sync.models.connections import Conflict, Connection, Link, Receipt, Run
from sync.models.jobs import ArchiveJob, Erasure, Import, ImportFile

__all__ = [
    "ArchiveJob",
    "Conflict",
    "Connection",
    "Erasure",
    "Import",
    "ImportFile",
    "Link",
    "Receipt",
    "Run",
]
