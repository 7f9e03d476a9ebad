"""Grafana and Prometheus as code; filled by a later piece of work."""
