"""The agent's settings: defaults, paths, and one exact sentence for each way to be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config import read_config
from telemetry.errors import ConfigError

GOOD = "agent: bac-binh\nsite: bac-binh\ninventory: inv\n"


def test_defaults_and_paths(tmp_path: Path) -> None:
    """Paths are meant from the file's folder; the agent asks its own site for seven days' keeping."""
    (tmp_path / "credential").write_text("token-from-file\n")
    file = tmp_path / "agent.yaml"
    file.write_text(
        GOOD + "state_dir: state\ncollector:\n"
        "  url: https://collector.example:8443/\n  token: {file: credential}\n  ca_file: ca.pem\n"
    )
    config = read_config(file)
    assert config.asked_sites == ("bac-binh",)
    assert config.inventory == tmp_path / "inv"
    assert config.state_dir == tmp_path / "state"
    assert config.listen_address == ("127.0.0.1", 9710)
    assert (config.buffer.max_days, config.push.interval) == (7, 5.0)
    assert config.collector is not None
    assert config.collector.url == "https://collector.example:8443"
    assert config.collector.token.reveal() == "token-from-file"
    assert config.collector.ca_file == tmp_path / "ca.pem"
    assert "token-from-file" not in repr(config)


def test_other_choices(tmp_path: Path) -> None:
    """Several sites, IPv6, a smaller buffer."""
    file = tmp_path / "agent.yaml"
    file.write_text(
        GOOD + "sites: [a, b]\nwatch: [core]\nlisten: '[::1]:0'\nbuffer: {max_bytes: 2000000}\n"
    )
    config = read_config(file)
    assert config.asked_sites == ("a", "b")
    assert config.listen_address == ("::1", 0)
    assert config.buffer.max_bytes == 2_000_000


def test_the_reflector_is_off_unless_it_is_asked_for(tmp_path: Path) -> None:
    """One or several addresses and networks, as they are written."""
    file = tmp_path / "agent.yaml"
    file.write_text(GOOD)
    assert read_config(file).reflector is None
    file.write_text(
        GOOD
        + "reflector: {listen: ['0.0.0.0:8620', '[::]:8620'], peers: [10.11.3.4/16, 'fd00::1']}\n"
    )
    reflector = read_config(file).reflector
    assert reflector is not None
    assert reflector.addresses == (("0.0.0.0", 8620), ("::", 8620))
    assert reflector.peers == ("10.11.0.0/16", "fd00::1/128")
    assert reflector.stateful
    file.write_text(GOOD + "reflector: {peers: 10.11.0.1}\n")
    reflector = read_config(file).reflector
    assert reflector is not None
    assert reflector.addresses == (("0.0.0.0", 862),)


def test_traps_are_not_listened_for_unless_asked(tmp_path: Path) -> None:
    """The standard's port by default, any other if written."""
    file = tmp_path / "agent.yaml"
    file.write_text(GOOD)
    assert read_config(file).traps is None
    file.write_text(GOOD + "traps: {}\n")
    traps = read_config(file).traps
    assert traps is not None
    assert traps.addresses == (("0.0.0.0", 162),)
    file.write_text(GOOD + "traps: {listen: ['0.0.0.0:10162', '[::]:10162'], rate: 2}\n")
    traps = read_config(file).traps
    assert traps is not None
    assert traps.addresses == (("0.0.0.0", 10162), ("::", 10162))
    assert (traps.rate, traps.total) == (2, 50)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("agent: x\nsite: x\n", ", line 1: expected the key inventory (a folder) or collector"),
        (GOOD + "colector: {}\n", ', line 4, key colector: not a known key; did you mean "coll'),
        (GOOD + "listen: here\n", ", line 4, key listen: expected an IP address and a port"),
        (GOOD + "listen: 127.0.0.1:99999\n", ", line 4, key listen: expected an IP address and"),
        (GOOD + "agent2: x\n", ', line 4, key agent2: not a known key; did you mean "agent"?'),
        (GOOD.replace("bac-binh", "Bắc Bình", 1), ", line 1, key agent: expected an id"),
        (GOOD + "reflector: {}\n", ', line 4, key reflector.peers: the key "peers" is missing'),
        (
            GOOD + "reflector: {peers: [district]}\n",
            ", line 4, key reflector.peers[0]: expected an address or a network such as 10.11",
        ),
        (
            GOOD + "reflector: {peers: [10.0.0.1], listen: 8620}\n",
            ", line 4, key reflector.listen",
        ),
        (GOOD + "traps: {listen: 162}\n", ", line 4, key traps.listen"),
        (GOOD + "buffer: {max_days: 0}\n", ", line 4, key buffer.max_days: expected a number gr"),
        (
            GOOD + "collector: {url: 'ftp://x', token: t}\n",
            ", line 4, key collector.url: expected an address such as https://",
        ),
        (
            GOOD + "collector: {url: 'https://u:p@x', token: t}\n",
            ", line 4, key collector.url: expected an address such as https://",
        ),
        (GOOD + "collector: {url: 'https://x'}\n", 'the key "token" is missing in collector'),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    """File, line, key, what was expected."""
    file = tmp_path / "agent.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_config(file)
    assert str(error.value).startswith(str(file))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
