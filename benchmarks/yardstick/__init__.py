"""The yard-stick of the judging: what was told, by whom, and how it fares against the truth."""
