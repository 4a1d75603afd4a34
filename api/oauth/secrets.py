"""How secrets of apps are kept: by a hash that costs nothing, since nobody can guess them.

They are made here, of random letters. The hash of passwords takes 128 MiB and half a second: with
it, whoever sent secrets of any app could use up the machine.
"""

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher, mask_hash
from django.utils.crypto import constant_time_compare


class ClientSecretHasher(BasePasswordHasher):
    """`satchel_client$<salt>$<SHA-256 in hex>`. Not for what people think up."""

    algorithm = "satchel_client"

    def encode(self, password: str, salt: str) -> str:
        """What to store for a secret."""
        digest = hashlib.sha256(f"{salt}${password}".encode()).hexdigest()
        return f"{self.algorithm}${salt}${digest}"

    def verify(self, password: str, encoded: str) -> bool:
        """Whether it is that secret, compared in constant time."""
        return constant_time_compare(self.encode(password, self.decode(encoded)["salt"]), encoded)

    def decode(self, encoded: str) -> dict[str, Any]:
        """The parts of a stored secret."""
        algorithm, salt, digest = encoded.split("$")
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """What an administrator may see of it."""
        parts = self.decode(encoded)
        return parts | {"salt": mask_hash(parts["salt"]), "hash": mask_hash(parts["hash"])}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to spend."""
