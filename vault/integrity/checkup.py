"""Whether everything is as it was left, and going on with what is there when its owner says so."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext

from vault import vaults
from vault.access import Access, open_session
from vault.embedding import embedders
from vault.embedding.embedders import Chosen
from vault.errors import Stale, Tampered
from vault.history import open_earlier
from vault.integrity import derived, manifests, remaking, traits, vaultmanifest
from vault.integrity.remaking import Remade
from vault.integrity.traits import Traits
from vault.keys.epochs import must_hold_all, renew_names
from vault.keys.vaultkey import OwnerKey
from vault.log import access_log
from vault.models import Collection, Memory, Revision, SortingRule, Source
from vault.records import open_source
from vault.scope import vault_scope
from vault.search import sealed
from vault.types import OpenSession


@dataclass(frozen=True, slots=True)
class Setup:
    """How a collection says it is kept, right or not. `chosen` is None when it does not open.

    `reason` is what `check` says; of its memories `altered` would wait for the owner's word, and
    `lost` would be given up. `new_names`: later imports would not know what was imported before.
    `seen` names all this, for `accept`.
    """

    said: Traits
    chosen: Chosen | None
    reason: str
    altered: int = 0
    lost: int = 0
    new_names: bool = False

    @property
    def seen(self) -> str:
        said, about = self.said, (self.reason, self.altered, self.lost, self.new_names)
        return sha256(repr((astuple(said), about)).encode()).hexdigest()


def check(access: Access, collection: UUID) -> int:
    """How many memories the collection holds. Tampered says what of it is not as it was left."""
    count = manifests.check(access, collection)
    with vault_scope(access.vault_id):
        wrong = sum(1 for _ in _strangers(access, collection))
        bad = 0 if wrong else sum(1 for _ in derived.broken(access, collection))
    if wrong:
        raise Tampered(
            gettext(
                "Its memories are complete, but some records of where they were seen or of what"
                " they said before, or rules for sorting, were altered or moved: %(count)s. Restore"
                " a backup of this vault."
            )
            % {"count": number_format(wrong, force_grouping=True)}
        )
    if bad:
        raise Tampered(
            gettext(
                "Its memories are complete, but some of what search made of them was altered, so"
                " that they are found by their words only: %(count)s. Go on with what is there, and"
                " it is made anew."
            )
            % {"count": number_format(bad, force_grouping=True)}
        )
    return count


def locked(access: Access) -> int:
    """How many collections there are that this session holds no key of: theirs was lost."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Collection.objects.filter(vault_id=access.vault_id)
        return mine.exclude(id__in=access.visible).count()


def doubtful(access: Access) -> bool:
    """Whether something is not as it was left, as far as that is seen without reading memories."""
    access.must_own()
    with vault_scope(access.vault_id):
        mine = Collection.objects.filter(vault_id=access.vault_id)
        there = set(mine.values_list("id", flat=True))
        return there != access.visible or bool(traits.altered(access))


def setup(access: Access, collection: UUID) -> Setup:
    """What accepting this collection as it is would make its owner's word."""
    access.must_own()
    with vault_scope(access.vault_id):
        said, reason = traits.as_it_stands(access, collection), ""
        chosen = embedders.as_it_stands(access.keyring, collection, said)
        try:
            with transaction.atomic():
                check(access, collection)
        except Tampered as error:
            reason = str(error)
        try:
            made = remaking.doubtful(access, collection)
        except Tampered:  # the key of its names is gone, and with it all that vouched for anything
            rows = Memory.objects.filter(vault_id=access.vault_id, collection_id=collection)
            count = rows.exclude(sealed=b"").count()
            return Setup(said, chosen, reason, count, new_names=True)
    return Setup(said, chosen, reason, made.held, made.given_up)


def accept(access: Access, collection: UUID, seen: str) -> Remade:
    """Take a collection as it is, because its owner says so, of whom it was `seen` as `setup` told
    them: Stale when it is another by now. KeyChanged when this session does not hold its keys.

    What does not open any more is given up, earlier versions, sources and embedder as well.
    """
    access.must_own()
    with vault_scope(access.vault_id):
        remaking.hold(access, collection)
        newest = must_hold_all(access, collection)
        if setup(access, collection).seen != seen:
            raise Stale(
                gettext("This collection changed meanwhile. Look at it again, and then confirm it.")
            )
        renew_names(access, collection)
        _mend(access, collection, newest)
        for row in list(_strangers(access, collection)):
            row.delete()
        made = remaking.remake(access, collection)
        derived.drop(access, collection, list(derived.broken(access, collection)))
        access_log.record(access, "accepted")
    sealed.close(access.vault_id)
    return made


def check_vault(owner: OwnerKey) -> tuple[str, ...]:
    """In plain words, what does not fit of the list of collections; () when everything does."""
    return vaultmanifest.misfits(owner)


def accept_vault(owner: OwnerKey) -> OpenSession:
    """Take the collections that are there as those that must be, and open the vault with them."""
    vaultmanifest.accept(owner)
    opened = vaults.open_with(owner)
    access_log.record(open_session(opened.session_id, opened.vault_id, opened.secret), "accepted")
    return opened


def _mend(access: Access, collection: UUID, newest: int) -> None:
    """What cannot be used falls back to what needs nothing: the newest key, the bundled model."""
    said = traits.as_it_stands(access, collection)
    mine = Collection.objects.filter(vault_id=access.vault_id, id=collection)
    if said.epoch != newest:
        mine.update(epoch=newest)
    if embedders.as_it_stands(access.keyring, collection, said) is None or said.epoch != newest:
        mine.update(sealed_embedder=b"", sealed_next_embedder=b"")


def _strangers(access: Access, collection: UUID) -> Iterator[Source | Revision | SortingRule]:
    """Sources and earlier versions of its memories, and rules, that are not what was sealed."""
    mine = Memory.objects.filter(vault_id=access.vault_id, collection_id=collection)
    kept = mine.exclude(sealed=b"").values("id")
    sources = Source.objects.filter(vault_id=access.vault_id, memory_id__in=kept)
    for source in sources.iterator(chunk_size=2000):
        if not _opens(access, collection, source):
            yield source
    olds = Revision.objects.filter(vault_id=access.vault_id, memory_id__in=kept)
    for old in olds.iterator(chunk_size=2000):
        if old.collection_id != collection or not _opens(access, collection, old):
            yield old
    for rule in SortingRule.objects.filter(vault_id=access.vault_id, collection_id=collection):
        if not _opens(access, collection, rule):
            yield rule


def _opens(access: Access, collection: UUID, row: Source | Revision | SortingRule) -> bool:
    try:
        if isinstance(row, Source):
            open_source(access.keyring, collection, row)
        elif isinstance(row, SortingRule):
            access.keyring.open(collection, row.epoch, "rule", row.id, 0, row.sealed)
        else:
            open_earlier(access.keyring, row)
    except Tampered:
        return False
    return True
