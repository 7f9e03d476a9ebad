"""SNMPv3 users for gufo_snmp (User-based Security Model, RFC 3414, 3826, 7860)."""

from __future__ import annotations

from typing import TypeVar

from gufo.snmp import (
    Aes128Key,
    Aes192Key,
    Aes256Key,
    BaseAuthKey,
    BasePrivKey,
    DesKey,
    KeyExpansion,
    Md5Key,
    Sha1Key,
    Sha224Key,
    Sha256Key,
    Sha384Key,
    Sha512Key,
    User,
)
from gufo.snmp.user import KeyType

from agent.snmp.seal import Seal
from inventory.credentials import Credentials
from telemetry.errors import ConfigError

T = TypeVar("T")

_AUTHENTICATION: dict[str, type[BaseAuthKey]] = {
    "md5": Md5Key,
    "sha": Sha1Key,
    "sha224": Sha224Key,
    "sha256": Sha256Key,
    "sha384": Sha384Key,
    "sha512": Sha512Key,
}
# Keys for AES-192/256 are stretched in two ways: Blumenthal's draft, and Reeder's, which Cisco has.
_PRIVACY: dict[str, tuple[type[BasePrivKey], KeyExpansion]] = {
    "des": (DesKey, KeyExpansion.Blumenthal),
    "aes": (Aes128Key, KeyExpansion.Blumenthal),
    "aes128": (Aes128Key, KeyExpansion.Blumenthal),
    "aes192": (Aes192Key, KeyExpansion.Blumenthal),
    "aes256": (Aes256Key, KeyExpansion.Blumenthal),
    "aes192c": (Aes192Key, KeyExpansion.Cisco),
    "aes256c": (Aes256Key, KeyExpansion.Cisco),
}


class UserKeys:
    """Makes users, and remembers the keys that their passwords give.

    A password becomes a key by hashing a megabyte: 6 to 25 ms, during which nothing else would run.
    Done once per password and not once per poll, an SNMPv3 poll costs little more than a v2c one.
    """

    def __init__(self) -> None:
        self._master_keys: dict[tuple[int, bytes], bytes] = {}

    def user(self, credentials: Credentials) -> User:
        """The user of `credentials`. Raises ConfigError for what gufo_snmp or SNMPv3 cannot do."""
        if not credentials.user:
            raise ConfigError(f"credentials {credentials.id}: SNMPv3 needs a user")
        if credentials.auth is None:
            if credentials.privacy is not None:
                raise ConfigError(f"credentials {credentials.id}: privacy needs auth beside it")
            return User(credentials.user)
        hash_ = _known(_AUTHENTICATION, credentials.id, "auth", str(credentials.auth.protocol))
        auth_key = hash_(
            self._master(hash_, credentials.id, credentials.auth.password.reveal()),
            key_type=KeyType.Master,
        )
        if credentials.privacy is None:
            return User(credentials.user, auth_key=auth_key)
        cipher, expansion = _known(
            _PRIVACY, credentials.id, "privacy", str(credentials.privacy.protocol)
        )
        privacy_key = cipher(
            self._master(hash_, credentials.id, credentials.privacy.password.reveal()),
            key_type=KeyType.Master,
        )
        return User(
            credentials.user, auth_key=auth_key, priv_key=privacy_key, key_expansion=expansion
        )

    def seal(self, credentials: Credentials, engine_id: bytes) -> Seal | None:
        """What checks the signatures of the device's answers; None for a user who signs nothing."""
        if credentials.auth is None:
            return None
        protocol = _plain(str(credentials.auth.protocol))
        hash_ = _known(_AUTHENTICATION, credentials.id, "auth", protocol)
        master = self._master(hash_, credentials.id, credentials.auth.password.reveal())
        return Seal(protocol, master, engine_id)

    def _master(self, hash_: type[BaseAuthKey], id_: str, password: str) -> bytes:
        if not password:
            # gufo_snmp divides by the length and brings its Rust side down.
            raise ConfigError(f"credentials {id_}: the SNMPv3 password is empty")
        secret = password.encode()
        known = self._master_keys.get((hash_.AUTH_ALG, secret))
        if known is None:
            known = hash_.get_master_key(secret)
            self._master_keys[hash_.AUTH_ALG, secret] = known
        return known


def _known(kinds: dict[str, T], id_: str, key: str, protocol: str) -> T:
    found = kinds.get(_plain(protocol))
    if found is None:
        raise ConfigError(
            f"credentials {id_}: {key} protocol {protocol} is not one that the engine gufo speaks: "
            + ", ".join(kinds)
        )
    return found


def _plain(protocol: str) -> str:
    return protocol.lower().replace("-", "").replace("_", "")
