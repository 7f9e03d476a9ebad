"""Files of profiles: what is refused, in which words; how they build on one another; what is unproven."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory import profile as profiles
from inventory.device_class import DeviceClass
from inventory.profile import (
    METRICS,
    Profile,
    cost,
    doubted,
    doubts,
    probes_for,
    read_profiles,
    recognise,
    shipped_profiles,
    unproven,
)
from inventory.profile_match import Said
from telemetry.errors import ConfigError

HEAD = "id: box\ntext: A box\nclass: router\n"
METRIC = "metrics:\n  - metric: {metric}\n    {place}\n    evidence: {{source: B-MIB, conf: mib}}\n"
CPU = "device_cpu_utilization_ratio"
COLUMN = "column: 1.3.6.1.4.1.9.1.1\n    labels: {cpu: index}"


def folder(tmp_path: Path, **files: str) -> Path:
    """A folder of profiles; names with a leading `mixin_` go into the folder of mix-ins."""
    (tmp_path / "mixin").mkdir(exist_ok=True)
    for name, content in {"generic": HEAD.replace("box", "generic"), **files}.items():
        where = tmp_path / "mixin" if name.startswith("mixin_") else tmp_path
        (where / f"{name.removeprefix('mixin_')}.yaml").write_text(content)
    return tmp_path


def one(metric: str = CPU, place: str = COLUMN) -> str:
    return HEAD + METRIC.format(metric=metric, place=place)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            one(metric="device_cpu_utilisation_ratio"),
            r"box\.yaml, line 5, key metrics\[0\]\.metric: there is no metric "
            r'"device_cpu_utilisation_ratio"; did you mean "device_cpu_utilization_ratio"\?$',
        ),
        (one(metric="interface_receive_bytes_total"), "is no gauge of a device"),
        (
            one(place=COLUMN + "\n    decode: [{skale: 0.1}]"),
            r'line 8, key metrics\[0\]\.decode\[0\]: there is no decoding step "skale"; '
            r'did you mean "scale"\?$',
        ),
        (one(place=COLUMN + "\n    decode: [scale]"), "scale takes a number, found nothing"),
        (one(place=COLUMN + "\n    decode: [{percent: 3}]"), 'percent takes nothing, found "3"'),
        (one(place=COLUMN + "\n    decode: [{in: []}]"), "in takes a list of values"),
        (one(place=COLUMN + "\n    decode: [{map: {1: x}}]"), "a mapping of values to numbers"),
        (one(place=COLUMN + "\n    decode: [{matches: '('}]"), "expected a regular expression"),
        (one(place=COLUMN + "\n    decode: [{ratio_of: sysUpTime}]"), "object identifier in fig"),
        (
            one(place="column: ifInOctets\n    labels: {cpu: index}"),
            r"line 6, key metrics\[0\]\.column: expected an object identifier in figures such as "
            r'1\.3\.6\.1\.2\.1\.1\.1\.0, found "ifInOctets"\.$',
        ),
        (one(place="column: 1.3.6.1.99999999999\n    labels: {cpu: index}"), "in figures"),
        (one(place=COLUMN + "\n    scalar: 1.3.6.1.0"), "either column or scalar"),
        (one(place="labels: {cpu: index}"), "either column or scalar"),
        (one(place="column: 1.3.6.1.4"), "takes cpu, found nothing at all"),
        (one(metric="battery_charge_ratio"), "takes no label, found cpu"),
        (one(place="column: 1.3.6.1.4\n    labels: {cpu: name}"), "source of a label"),
        (one(place="scalar: 1.3.6.1.4.0\n    labels: {cpu: index}"), "expected text as source"),
        (
            one("battery_charge_ratio", "scalar: 1.3.6.1.4.0\n    take: max"),
            "only a column has rows",
        ),
        (one(place=COLUMN + "\n    range: [2, 1]"), "whose first number is the smaller one"),
        (
            one(place=COLUMN + "\n    decode: [num]\n    states: {ok: [1]}"),
            "either decode or states",
        ),
        (one(place=COLUMN + "\n    when: [{in: [1]}]"), "expected either column or arc"),
        (one(place=COLUMN + "\n    when: [{arc: 0, in: [1]}]"), "a number of at least 1"),
        (one(place=COLUMN + "\n    poll: daily"), 'expected fast, medium or slow, found "daily"'),
        (one().replace("conf: mib", "conf: sure"), "site, recording, mib, projects or one_project"),
        (HEAD + "without: [interface]", 'no standard group "interface"; did you mean "interfaces"'),
        (HEAD + "limits: {device_cpu: {degraded: 1}}", 'there is no metric "device_cpu"'),
        (HEAD + "match: [{priority: 1}]", "at least one of oid, descr, contains or probe"),
        (HEAD + "identity: {model: {descr: box}}", "a pattern with one group in brackets"),
        (HEAD + "identity: {model: {}}", "expected either oid or descr"),
        (HEAD + "agent: {repetitions: 500}", "a number of at most 50"),
        (HEAD + "extends: [bx]", r'profile box extends "bx", which does not exist; did you mean'),
        (HEAD + "extends: [box]", "profile box extends itself"),
        (HEAD.replace("id: box", "id: bag"), r"must be called as its id, bag\.yaml"),
        (
            HEAD + "traps: [{oid: 1.3.6.1.4, event: down, ask_again: [interface_upp]}]",
            'there is no metric "interface_upp"; did you mean "interface_up"',
        ),
    ],
)
def test_what_is_wrong_is_said_by_name(tmp_path: Path, content: str, sentence: str) -> None:
    """One sentence with file, line, key and what was probably meant."""
    with pytest.raises(ConfigError, match=sentence):
        read_profiles(folder(tmp_path, box=content))


def test_a_profile_builds_on_others(tmp_path: Path) -> None:
    """Its own metrics, quirks and words stand over those it extends; mix-ins are no profiles."""
    base = (
        HEAD.replace("box", "base")
        + "agent: {bulk: false, repetitions: 5}\nidentity: {model: {oid: 1.3.6.1.4.1}}\n"
        + "without: [ups]\nsensor_tables: [1.3.6.1.4.1.9]\n"
        + METRIC.format(metric=CPU, place=COLUMN)
        + "  - {metric: battery_charge_ratio, scalar: 1.3.6.1.9.0, evidence: {source: x, conf: site}}\n"
    )
    own = one(place="column: 1.3.6.1.4.1.7\n    labels: {cpu: index}")
    files = folder(
        tmp_path, box=own + "extends: [base]\nagent: {repetitions: 9}\n", mixin_base=base
    )
    generic, box = sorted(read_profiles(files), key=lambda found: found.id != "generic")
    assert (generic.id, box.id) == ("generic", "box")
    assert [m.places for m in box.metrics] == [("1.3.6.1.4.1.7",), ("1.3.6.1.9.0",)]
    assert (box.agent.bulk, box.agent.repetitions) == (False, 9)
    assert box.identity.model is not None
    assert (box.without, box.sensor_tables) == (("ups",), ("1.3.6.1.4.1.9",))
    assert cost(box) == {"fast": 2, "medium": 0, "slow": 0}


def test_what_no_device_has_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A metric is unproven as soon as one of its objects is; an unknown profile has none."""
    two = (
        one()
        + "  - {metric: battery_charge_ratio, scalar: 1.3.6.1.9.0, evidence: {source: x, conf: %s}}\n"
    )
    for conf, expected in (
        ("recording", {CPU}),
        ("site", {CPU}),
        ("projects", {CPU, "battery_charge_ratio"}),
        ("one_project", {CPU, "battery_charge_ratio"}),
    ):
        known = read_profiles(folder(tmp_path, box=two % conf))
        monkeypatch.setattr(profiles, "shipped_profiles", lambda known=known: known)
        doubts.cache_clear()
        assert unproven("box") == expected
    assert unproven("generic") == unproven("nobody") == frozenset()
    doubts.cache_clear()


def test_what_the_profile_s_own_words_tell_apart_is_doubted_alone() -> None:
    """One sensor of a chassis that nobody has seen does not silence the probes that were."""
    heat = "device_temperature_celsius"
    assert heat in unproven("dell-idrac")
    assert doubted("dell-idrac", heat, {"sensor": "Chassis", "site": "x"})
    assert not doubted("dell-idrac", heat, {"sensor": "1.1"})
    assert not doubted("dell-idrac", "device_fan_ok", {"fan": "1.1"})
    assert doubted("cisco-codec", "conference_registered", {})


def test_devices_of_one_identity_are_told_apart_by_a_question(tmp_path: Path) -> None:
    """A probe beats words and prefix for generic agents; others are not asked at all."""
    match = "match: [{%s}]\n"
    linux = HEAD.replace("box", "linux") + match % "oid: 1.3.6.1.4.1.8072.3.2.10, descr: Linux"
    lte = (
        HEAD.replace("box", "lte") + match % "probe: {oid: 1.3.6.1.4.1.48690.1.3.0, pattern: ^RUT}"
    )
    known = read_profiles(folder(tmp_path, linux=linux, lte=lte))
    probe = "1.3.6.1.4.1.48690.1.3.0"
    said = Said("1.3.6.1.4.1.8072.3.2.10", "Linux box")
    assert probes_for(said, known) == (probe,)
    assert recognise(said, known).profile.id == "linux"
    answered = Said(said.object_id, said.descr, {probe: "RUT950"})
    found = recognise(answered, known)
    assert found.profile.id == "lte"
    assert found.why == f"{probe} answers '^RUT'"
    wrong = Said(said.object_id, said.descr, {probe: "another"})
    assert recognise(wrong, known).profile.id == "linux"
    assert probes_for(Said("1.3.6.1.4.1.9.1.1", "Cisco"), known) == ()
    assert (
        recognise(Said("1.3.6.1.4.1.9.1.1", "", {probe: "RUT950"}), known).profile.id == "generic"
    )


def test_a_match_may_say_class_and_vendor(tmp_path: Path) -> None:
    """One family, several kinds of boxes; a pattern may exclude; priority is over all."""
    box = HEAD + (
        "vendor: Box\nmatch:\n"
        "  - {oid: 1.3.6.1.4.1.9.1, not: ASA}\n"
        "  - {oid: 1.3.6.1.4.1.9, contains: asa, class: firewall, vendor: Old}\n"
        "  - {descr: 'vpn\\d', priority: 5, class: server}\n"
    )
    known = read_profiles(folder(tmp_path, box=box))
    found = recognise(Said("1.3.6.1.4.1.9.1.5", "Cisco IOS"), known)
    assert (found.class_, found.vendor) == (DeviceClass.ROUTER, "Box")
    found = recognise(Said("1.3.6.1.4.1.9.1.5", "Cisco ASA 5500"), known)
    assert (found.class_, found.vendor) == (DeviceClass.FIREWALL, "Old")
    assert "sysDescr contains 'asa'" in found.why
    assert recognise(Said("1.3.6.1.4.1.9.1.5", "VPN3"), known).class_ is DeviceClass.SERVER
    assert recognise(Said("1.3.6.1.4.1.99", "what"), known).profile.id == "generic"


@pytest.mark.parametrize("profile", shipped_profiles(), ids=lambda profile: profile.id)
def test_shipped_profiles_are_honest(profile: Profile) -> None:
    """Every metric of the catalogue with where it comes from; gauges only; nothing asked too dearly."""
    for metric in profile.metrics:
        assert metric.metric in METRICS
        assert metric.evidence.source
    assert cost(profile)["fast"] <= 40, "a poll of this family asks too much"
    named = {metric.metric for metric in profile.metrics}
    assert unproven(profile.id) <= named.union(*(o.metrics for o in profile.other_checks))
