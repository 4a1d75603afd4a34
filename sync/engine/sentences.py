"""Sentences with values that runs leave in their records: written in English, and known again by
whoever shows them, so that they can be said in the reader's language."""

from django.utils.translation import gettext_noop

from connectors.base.protocol import Connector
from vault.text import LONGEST

LONGER_THERE = gettext_noop("Longer than the %(most)s characters that %(name)s takes.")
LONGER_HERE = gettext_noop("An entry there is longer than a memory may be (%(most)s characters).")
CANNOT_DELETE = gettext_noop("%(name)s cannot delete. Delete it there by hand.")
NO_WAY_TO_DELETE = gettext_noop("%(name)s has no way to delete this. Delete it there by hand.")


def longer_there(connector: Connector | type[Connector]) -> str:
    """Of a memory that does not fit into what this remote takes."""
    return LONGER_THERE % {"most": f"{connector.room.text or 0:,}", "name": connector.name}


def longer_here() -> str:
    return LONGER_HERE % {"most": f"{LONGEST:,}"}


def cannot_delete(connector: Connector | type[Connector]) -> str:
    return CANNOT_DELETE % {"name": connector.name}


def no_way_to_delete(connector: Connector | type[Connector]) -> str:
    return NO_WAY_TO_DELETE % {"name": connector.name}
