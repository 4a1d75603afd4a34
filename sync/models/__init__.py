"""What sync keeps: work in progress, and connections with what they brought and sent."""

from sync.models.connections import Conflict, Connection, Link, Receipt, Run
from sync.models.distilling import Distilled, Distilling, DistillingModel, Proposed
from sync.models.due import Due
from sync.models.handoffs import Handoff
from sync.models.jobs import ArchiveJob, Erasure, Import, ImportFile

__all__ = [
    "ArchiveJob",
    "Conflict",
    "Connection",
    "Distilled",
    "Distilling",
    "DistillingModel",
    "Due",
    "Erasure",
    "Handoff",
    "Import",
    "ImportFile",
    "Link",
    "Proposed",
    "Receipt",
    "Run",
]
