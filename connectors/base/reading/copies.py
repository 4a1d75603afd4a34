"""Tells a newer copy of something from one that was read already."""

from datetime import UTC, datetime
from hashlib import blake2b

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Copies:
    """What was read so far: names, as digests because a stranger may have made them long."""

    def __init__(self) -> None:
        self._newest: dict[bytes, datetime] = {}

    def is_new(self, name: str, updated_at: datetime | None) -> bool:
        """Whether `name` was not read yet, or only an older copy of it; it counts as read now."""
        key = blake2b(name.encode(), digest_size=16).digest()
        time = updated_at or _LONG_AGO
        if key in self._newest and self._newest[key] >= time:
            return False
        self._newest[key] = time
        return True
