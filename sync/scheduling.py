"""Starting what is due. Nothing is opened here: the worker that takes a message does that."""

from datetime import timedelta

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
            with vault_scope(vault_id):
                connections.asked(vault_id, connection_id)
            if not outbox.leave(tasks.run_connection, *words):
                with vault_scope(vault_id):
                    connections.asked(vault_id, connection_id, again=timedelta(0))
                return count  # there is no broker: each further try would only take its time
            count += 1
    return count
