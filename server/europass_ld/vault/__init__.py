"""The private store: what is about a person, encrypted, for nobody but its owner.

It knows octets, owners and keys; what the octets mean is known above it.
"""

from .keys import KeyRing
from .opening import open_or_make_vault, open_vault
from .owners import Owner, Owners, Token
from .vault import Vault

__all__ = ["KeyRing", "Owner", "Owners", "Token", "Vault", "open_or_make_vault", "open_vault"]
