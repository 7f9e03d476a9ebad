"""The demo: a simulated district, its agents and a collector as real processes on one machine."""
