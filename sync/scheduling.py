"""Starting what is due. Nothing is opened here: the worker that takes a message does that."""

from sync import connections, outbox, tasks
from sync.models import Run
from vault.models import Vault
from vault.scope import vault_scope


def start_due() -> int:
    """A message for every connection that is due, in every vault. How many were left."""
    count = 0
    for vault_id in Vault.objects.values_list("id", flat=True).iterator():
        with vault_scope(vault_id):
            connections.follow_grants(vault_id)
            due = connections.due(vault_id)
        for connection_id in due:
            words = (str(vault_id), str(connection_id), "", str(Run.Kind.SYNC), False)
            count += outbox.leave(tasks.run_connection, *words)
    return count
