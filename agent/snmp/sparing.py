"""What a poll tells about how well the device bears it."""

from __future__ import annotations

from agent.snmp.budget import Strain
from agent.snmp.memory import Memory
from agent.snmp.polling import Polling
from agent.snmp.resources import read_processors
from telemetry.catalogue import DEVICE_CPU_UTILIZATION, SNMP_RESPONSE

LONG_SECONDS = 2.0
"""A poll that took less cannot have burdened a processor for long enough to see it."""


async def learn(polling: Polling, memory: Memory, seconds: float) -> None:
    """Notes how quickly the device answered and, after a poll that took `seconds` and was a long one,
    asks its processors once more.
    """
    strain = memory.budget.strain
    for reading in polling.readings:
        if reading.metric == SNMP_RESPONSE.name:
            strain.responded(reading.value)
    during = [r.value for r in polling.readings if r.metric == DEVICE_CPU_UTILIZATION.name]
    if during and seconds >= LONG_SECONDS and "processors" not in memory.absent:
        after = await read_processors(polling.poll, memory)
        strain.heated(during, [reading.value for reading in after])


def told(strain: Strain) -> str:
    """A line about the rest that the device is given; empty where it needs none."""
    if not strain.level:
        return ""
    return f"spared, of {1 << strain.level} polls one asks for everything: {strain.reason}"
