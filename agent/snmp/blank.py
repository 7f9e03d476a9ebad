"""Takes out of a recording what is nobody's business: names, serial numbers, addresses, phone numbers.

The same word gets the same substitute wherever it stands, as long as the word was, so that a profile is tried
on it as on the device. What cannot be known by its place or its form stays: look a recording through before
you give it away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from agent.snmp.oid import under
from agent.snmp.recording import ADDRESS, OCTETS, Entry
from agent.snmp.session import Oid, Value
from inventory.profile import shipped_profiles

SECRET = ("1.3.6.1.6.3.15", "1.3.6.1.6.3.16", "1.3.6.1.6.3.18")
"""Users, views and communities of SNMP itself: never recorded, blanked or not."""

LEFT_OUT = (
    "1.3.6.1.2.1.3",  # at: addresses of the neighbours
    "1.3.6.1.2.1.4.20",  # ipAddrTable …: own addresses, neighbours, ways
    "1.3.6.1.2.1.4.21",
    "1.3.6.1.2.1.4.22",
    "1.3.6.1.2.1.4.24",
    "1.3.6.1.2.1.4.28",
    "1.3.6.1.2.1.4.34",
    "1.3.6.1.2.1.4.35",
    "1.3.6.1.2.1.6",  # connections
    "1.3.6.1.2.1.7",
    "1.3.6.1.2.1.14",  # OSPF, BGP
    "1.3.6.1.2.1.15",
    "1.3.6.1.2.1.16",  # RMON
    "1.3.6.1.2.1.17.4",  # who sits behind which port
    "1.3.6.1.2.1.17.7.1.2",
    "1.3.6.1.2.1.25.4",  # running programs with their arguments
    "1.3.6.1.2.1.25.6",
    "1.3.6.1.2.1.80",
    "1.3.6.1.2.1.81",
    "1.3.6.1.2.1.105",
    "1.0.8802",  # LLDP: names of the neighbours
    "1.3.6.1.4.1.9.9.23",  # CDP
)
"""Tables whose very indexes are addresses, or that name others; no profile needs them."""

_WORDS: dict[Oid, str] = {
    "1.3.6.1.2.1.1.4": "contact",
    "1.3.6.1.2.1.1.5": "name",
    "1.3.6.1.2.1.1.6": "location",
    "1.3.6.1.2.1.31.1.1.1.18": "alias",
    "1.3.6.1.2.1.33.1.1.5": "name",
    "1.3.6.1.2.1.43.5.1.1.16": "name",
    "1.3.6.1.2.1.43.5.1.1.17": "serial",
    "1.3.6.1.2.1.47.1.1.1.1.11": "serial",
    "1.3.6.1.2.1.47.1.1.1.1.14": "alias",
    "1.3.6.1.2.1.47.1.1.1.1.15": "asset",
    "1.3.6.1.6.3.10.2.1.1": "engine",
    # Names of wireless networks
    "1.3.6.1.4.1.14179.2.1.1.1.2": "ssid",
    "1.3.6.1.4.1.14823.2.2.1.5.2.1.8.1.2": "ssid",
    "1.3.6.1.4.1.14988.1.1.1.1.1.5": "ssid",
    "1.3.6.1.4.1.14988.1.1.1.3.1.4": "ssid",
    "1.3.6.1.4.1.25053.1.1.6.1.1.1.1.1.1": "ssid",
    "1.3.6.1.4.1.25053.1.2.2.1.1.1.1.1.1": "ssid",
    "1.3.6.1.4.1.41112.1.4.5.1.2": "ssid",
    "1.3.6.1.4.1.41112.1.6.1.2.1.6": "ssid",
}
"""Objects whose text is private as a whole."""
_MACS = ("1.3.6.1.2.1.2.2.1.6", "1.3.6.1.2.1.17.1.1")
_BITMAPS = "1.3.6.1.2.1.17"
"""Lists of ports are six octets long as well."""
_VERSIONS = (
    "1.3.6.1.2.1.1.1",
    "1.3.6.1.2.1.25.3.2.1.3",
    "1.3.6.1.2.1.33.1.1",
    "1.3.6.1.2.1.47.1.1.1.1",
)
"""Texts in which 12.2.55.3 is a version."""
_NAMING = frozenset({"name", "serial", "ssid"})
"""Kinds whose text is also looked for inside other texts."""
_SHORTEST = 4

_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_PRIVATE = re.compile(r"10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.")
_MAC = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})"
    r"(?![0-9a-f])",
    re.IGNORECASE,
)
_SERIAL = re.compile(
    r"(?i)\b(?:s/?n|serial(?: ?n(?:o|um|umber)?)?)\b[\s:.#=]*([A-Z0-9][A-Z0-9-]{5,31})"
)
_SIM = re.compile(r"(?<!\d)\d{14,20}(?!\d)")  # IMEI, IMSI, ICCID
_PHONE = re.compile(r"^(?:\+\d{8,14}|0\d{8,10})$")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DIGITS, _CAPITALS, _SMALL = "0123456789", "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz"


def harmless(entry: Entry, secrets: Iterable[str]) -> bool:
    """Whether an object may be written down at all: it holds none of the communities and passwords that we
    asked with, in its value or spelled in its index, and is no account of SNMP itself.
    """
    if any(under(entry.oid, prefix) for prefix in SECRET):
        return False
    for secret in (each.encode() for each in secrets if each):
        if isinstance(entry.value, bytes) and secret in entry.value:
            return False
        if f".{'.'.join(map(str, secret))}." in f"{entry.oid}.":
            return False
    return True


class Blanker:
    """Blanks the entries of one recording. counts: how many different words of each kind were replaced."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._substitutes: dict[tuple[str, bytes], bytes] = {}
        self._places = {**_WORDS, **dict.fromkeys(_serials_of_profiles(), "serial")}
        self._names: dict[bytes, str] = {}
        self._addresses: set[str] = set()
        self._named: re.Pattern[bytes] | None = None

    def blanked(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries without what is private, in their order."""
        kept = [e for e in entries if not any(under(e.oid, prefix) for prefix in LEFT_OUT)]
        for entry in entries:
            self._learn(entry)
        if self._names:
            longest_first = sorted(self._names, key=len, reverse=True)
            self._named = re.compile(b"|".join(map(re.escape, longest_first)))
        return [Entry(entry.oid, entry.tag, self._value(entry)) for entry in kept]

    def _learn(self, entry: Entry) -> None:
        """Names, serial numbers and addresses, which may stand inside other texts, too."""
        if entry.tag == ADDRESS:
            self._addresses.add(str(entry.value))
        if not isinstance(entry.value, bytes):
            return
        kind = self._kind(entry.oid)
        word = entry.value.strip(b" \0")
        if kind in _NAMING and len(word) >= _SHORTEST:
            self._names[word] = kind
        elif found := _SERIAL.search(entry.value.decode("latin-1")):
            self._names[found[1].encode("latin-1")] = "serial"

    def _kind(self, oid: Oid) -> str:
        return next((kind for place, kind in self._places.items() if under(oid, place)), "")

    def _value(self, entry: Entry) -> Value:
        value = entry.value
        if entry.tag == ADDRESS and isinstance(value, str):
            return self._address(value)
        if entry.tag != OCTETS or not isinstance(value, bytes):
            return value
        kind = self._kind(entry.oid)
        if kind == "engine":
            return value[:5] + bytes(len(value) - 5)
        if kind:
            return self._word(kind, value)
        if _is_mac(entry.oid, value):
            return self._mac(value)
        return self._text(value, any(under(entry.oid, place) for place in _VERSIONS))

    def _text(self, value: bytes, versions: bool) -> bytes:
        """A text with the private words inside it replaced. versions: whether versions stand in it, too."""
        if self._named is not None:
            value = self._named.sub(
                lambda found: self._word(self._names[found[0]], found[0]), value
            )
        text = value.decode("latin-1")
        if _PHONE.match(text):
            return self._word("phone", value)
        for kind, pattern in (("mail", _MAIL), ("mac", _MAC), ("sim", _SIM)):
            text = pattern.sub(lambda found, kind=kind: self._inside(kind, found[0]), text)  # type: ignore[misc]
        return _IPV4.sub(lambda found: self._quad(found[0], versions), text).encode("latin-1")

    def _inside(self, kind: str, word: str) -> str:
        return self._word(kind, word.encode("latin-1")).decode("latin-1")

    def _word(self, kind: str, word: bytes) -> bytes:
        """The substitute of a word: letters for letters, figures for figures, all else as it was."""
        if not word.strip(b" \0"):
            return word
        return self._known(kind, word, lambda number: _substitute(word, number + 1))

    def _quad(self, text: str, versions: bool) -> str:
        """Four numbers with dots: an address, but among versions only where it must be one."""
        certain = text in self._addresses or _PRIVATE.match(text)
        return self._address(text) if certain or not versions else text

    def _address(self, text: str) -> str:
        """An address of the networks that RFC 5737 keeps for documents; masks and the like as they are."""
        octets = text.split(".")
        if any(int(octet) > 255 for octet in octets) or octets[0] in ("0", "127", "224", "255"):
            return text

        def address(number: int) -> bytes:
            network = ("192.0.2", "198.51.100", "203.0.113")[number // 254 % 3]
            return f"{network}.{number % 254 + 1}".encode()

        return self._known("address", text.encode(), address).decode()

    def _mac(self, value: bytes) -> bytes:
        """The maker's half of a hardware address stays, the rest is counted."""
        if value in (b"\0" * 6, b"\xff" * 6):
            return value
        return self._known("mac", value, lambda number: value[:3] + (number + 1).to_bytes(3, "big"))

    def _known(self, kind: str, word: bytes, make: Callable[[int], bytes]) -> bytes:
        """The substitute of a word, made once by its number within its kind."""
        found = self._substitutes.get((kind, word))
        if found is None:
            found = self._substitutes[kind, word] = make(self.counts[kind])
            self.counts[kind] += 1
        return found


def _is_mac(oid: Oid, value: bytes) -> bool:
    """Six octets in a place for hardware addresses, or six that are no text and no list of ports."""
    if len(value) != 6:
        return False
    known = any(under(oid, place) for place in _MACS)
    return known or not (under(oid, _BITMAPS) or value.decode("latin-1").isprintable())


def _substitute(word: bytes, number: int) -> bytes:
    """A word of the same shape that says nothing but its number, counted from the right."""
    made = []
    for char in reversed(word.decode("latin-1")):
        alphabet = _alphabet(char)
        if alphabet:
            number, place = divmod(number, len(alphabet))
            char = alphabet[place]
        made.append(char)
    return "".join(reversed(made)).encode("latin-1")


def _alphabet(char: str) -> str:
    if char.isascii() and char.isdigit():
        return _DIGITS
    if not char.isalpha():
        return "" if char.isascii() else "x"
    return _CAPITALS if char.isupper() else _SMALL


def _serials_of_profiles() -> Iterator[Oid]:
    """Where the profiles say that a serial number stands."""
    for profile in shipped_profiles():
        saying = profile.identity.serial
        if saying is not None and saying.oid is not None:
            yield saying.oid.rpartition(".")[0]
