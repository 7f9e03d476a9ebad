"""The seeds of the generated weeks, and where they begin: named here and nowhere else."""

from __future__ import annotations

START = 1_780_246_800.0
"""Monday 1 June 2026, 0:00 in Viet Nam: the hot season, a working week ahead."""

TUNING_SEEDS = (1, 2, 3)
"""For finding out what the rules miss or invent; limits may be chosen by looking at these."""

FRESH_SEEDS = (20_261, 20_262, 20_263, 20_264, 20_265, 20_266)
"""For the table in docs/judging.md only. Never look at one of them before changing a limit."""
