"""The kinds of rules: the one list of them."""

from __future__ import annotations

from collector.rule import Rule
from collector.rules import (
    battery_charge,
    battery_replace,
    certificate,
    clock,
    cpu,
    fan,
    interface_errors,
    jitter,
    latency,
    loss,
    memory,
    on_battery,
    optical_power,
    power_supply,
    slow_page,
    snmp_silent,
    storage,
    temperature,
)

RULES: tuple[Rule, ...] = (
    loss.RULE,
    latency.RULE,
    jitter.RULE,
    interface_errors.RULE,
    optical_power.RULE,
    on_battery.RULE,
    battery_charge.RULE,
    battery_replace.RULE,
    fan.RULE,
    power_supply.RULE,
    temperature.RULE,
    cpu.RULE,
    memory.RULE,
    storage.RULE,
    clock.RULE,
    snmp_silent.RULE,
    certificate.RULE,
    slow_page.RULE,
)
