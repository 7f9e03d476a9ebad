"""What must hold of our own judging."""

from __future__ import annotations

from benchmarks.yardstick.score import Score

LEAST_RECALL = 0.97
LEAST_RIGHT_CAUSE = 0.95
MOST_FALSE_PER_1000_DEVICE_DAYS = 1.0
MOST_INCIDENTS_PER_FAULT = 1.05
LEAST_DOWN_IN_TIME = 1.0
LEAST_LEAD_DAYS = 3.0


def broken_claims(score: Score) -> list[str]:
    """One sentence for each claim that does not hold."""
    claims = (
        (score.recall >= LEAST_RECALL, f"recall {score.recall:.3f}, promised {LEAST_RECALL}"),
        (
            score.right_cause >= LEAST_RIGHT_CAUSE,
            f"right cause {score.right_cause:.3f}, promised {LEAST_RIGHT_CAUSE}",
        ),
        (
            score.false_per_1000 <= MOST_FALSE_PER_1000_DEVICE_DAYS,
            f"{score.false_per_1000:.2f} false incidents per 1,000 device-days, promised at most "
            f"{MOST_FALSE_PER_1000_DEVICE_DAYS:g}",
        ),
        (
            score.incidents_per_fault <= MOST_INCIDENTS_PER_FAULT,
            f"{score.incidents_per_fault:.3f} incidents per fault, promised at most "
            f"{MOST_INCIDENTS_PER_FAULT}",
        ),
        (
            score.down_in_time >= LEAST_DOWN_IN_TIME,
            f"{score.down_in_time:.0%} of what was down was named within two intervals and 15 s, "
            "promised all",
        ),
        (
            score.shortest_lead_days >= LEAST_LEAD_DAYS,
            f"wear was named {score.shortest_lead_days:.1f} days before the others' limit at the "
            f"latest, promised {LEAST_LEAD_DAYS:g}",
        ),
    )
    return [sentence for holds, sentence in claims if not holds]
