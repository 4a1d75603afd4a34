"""The owner's saved views: opened into an archive, and sealed again in the vault it comes to."""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urlencode

from vault import savedviews
from vault.access import Access
from vault.archive import lines
from vault.archive.errors import Damaged
from vault.archive.memories import EPOCH
from vault.archive.taking import Taking, portions
from vault.models import SavedView
from vault.text import clean


def take(taking: Taking) -> Iterator[lines.View]:
    """Those that were not removed, the oldest first."""
    access = taking.access
    mine = SavedView.objects.filter(vault_id=access.vault_id, removed_at=None)
    for portion in portions(mine.order_by("created_at", "id")):
        yield from taking.each("views", portion, lambda row: _line(access, row))


def put(access: Access, portion: Sequence[lines.View]) -> None:
    """Each under the key of the oldest collection, as new ones are. Damaged when they are more
    than anybody can have: every page of memories opens all of them."""
    rows, had = [], SavedView.objects.filter(vault_id=access.vault_id).count()
    if had + len(portion) > 2 * savedviews.MOST:  # two tabs at once may save one more than MOST
        raise Damaged
    for line in portion:
        name, query = clean(line.name), _query(line.search)
        if not query or not name or not access.visible:
            raise Damaged
        row = SavedView(vault_id=access.vault_id, id=line.id, created_at=line.created_at)
        row.collection_id, row.epoch = min(access.visible), EPOCH
        savedviews.seal(access, row, name, query)
        rows.append(row)
    SavedView.objects.bulk_create(rows)


def _query(search: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(search, max_num_fields=savedviews.MOST_PARTS))
    except ValueError:
        raise Damaged from None


def _line(access: Access, row: SavedView) -> lines.View:
    name, query = savedviews.opened(access, row)
    return lines.View(id=row.id, name=name, search=urlencode(query), created_at=row.created_at)
