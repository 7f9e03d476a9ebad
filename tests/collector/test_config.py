"""The collector's config: what it takes, and one sentence for what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.config import CollectorConfig, Listen, load_config
from telemetry.errors import ConfigError

HEAD = "inventory: inv\nstate_dir: state\n"


def read(folder: Path, text: str) -> CollectorConfig:
    file = folder / "collector.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    return load_config(file)


def test_defaults(tmp_path: Path) -> None:
    """Loopback, everything in the state folder, paths relative to the file."""
    config = read(tmp_path, "")
    assert config.listen == (Listen(host="127.0.0.1", port=8080),)
    assert config.database_url == f"sqlite:///{tmp_path / 'state' / 'collector.db'}"
    assert config.journal_url == f"sqlite:///{tmp_path / 'state' / 'journal.db'}"
    assert config.inventory == tmp_path / "inv"
    assert config.channel_settings() == {}


@pytest.mark.parametrize(
    ("text", "listen"),
    [
        ("127.0.0.1:8080", Listen(host="127.0.0.1", port=8080)),
        ("'[::1]:0'", Listen(host="::1", port=0)),
        ("':9000'", Listen(host="", port=9000)),
        ("giamsat.lapthach.example:80", Listen(host="giamsat.lapthach.example", port=80)),
        ("{fd: 3}", Listen(fd=3)),
    ],
)
def test_listen(tmp_path: Path, text: str, listen: Listen) -> None:
    """One address or a list, or a socket that systemd opened."""
    assert read(tmp_path, f"listen: {text}").listen == (listen,)
    assert read(tmp_path, f"listen: [{text}, {text}]").listen == (listen, listen)


def test_where_agents_are_scraped(tmp_path: Path) -> None:
    """A place per agent; what is no place is told."""
    config = read(tmp_path, "scrape: {bac-binh: '10.11.1.2:9710', hoa-son: '[fd00::2]:9710'}")
    assert config.scrape == {"bac-binh": "10.11.1.2:9710", "hoa-son": "[fd00::2]:9710"}
    for wrong in ("10.11.1.2", "http://10.11.1.2:9710/metrics", ":9710", "10.11.1.2:0"):
        with pytest.raises(ConfigError, match="expected host:port such as"):
            read(tmp_path, f"scrape: {{bac-binh: '{wrong}'}}")


def test_everything(tmp_path: Path) -> None:
    """Every block at once; secrets never print."""
    config = read(
        tmp_path,
        """
database: postgresql://ltmon@db/ltmon
journal: sqlite:////var/lib/journal.db
public_url: https://giamsat.lapthach.example
agents: [{agent: bac-binh, sites: [bac-binh], token: canary-1}]
operators: [{name: Chị Hoa, token: {env: NOT_SET}}]
forward: [{name: vm, url: 'http://127.0.0.1:8428/api/v1/write', token: canary-2}]
channels:
  email: {host: mail, from: a@b.example, user: a, password: canary-3}
  webhook: {url: 'https://hook.example/x', token: canary-4}
notify: {rate: 5, brief: 2m}
retention: {journal: 7d}
watchdog_url: https://watch.example/ping
""",
    )
    assert list(config.channel_settings()) == list(config.open_channels()) == ["email", "webhook"]
    assert (config.notify.rate, config.notify.brief) == (5, 120.0)
    assert config.retention.journal == 7 * 86400
    assert config.database_url.startswith("postgresql:")
    assert "canary" not in repr(config)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("listne: x\n", 'line 3, key listne: not a known key; did you mean "listen"?'),
        ("listen: here\n", "line 3, key listen: expected host:port such as 127.0.0.1:8080"),
        ("listen: 127.0.0.1:99999\n", "expected host:port such as 127.0.0.1:8080"),
        ("agents: [{agent: a, sites: [], token: x}]\n", "expected at least 1 of them"),
        ("channels:\n  email: {host: m}\n", 'the key "from" is missing in channels.email'),
        ("channels:\n  emial: {host: m}\n", 'not a known key; did you mean "email"?'),
        ("channels:\n  email: {host: m, from: 'a, b'}\n", "expected one e-mail address"),
        ("channels:\n  webhook: {url: 'ftp://x'}\n", "expected an address that begins with http"),
        ("retention: {journal: soon}\n", "expected a duration such as 30s"),
        ("watchdog_url: ping\n", "line 3, key watchdog_url"),
        ("inventory: 5\n", "inventory"),
    ],
)
def test_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """File, line, key, what was expected and what was probably meant."""
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert sentence in str(caught.value)
    assert "collector.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)
