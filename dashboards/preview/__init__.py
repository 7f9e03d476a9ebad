"""Boards drawn without Grafana: the JSON that Grafana would load, answers of a real store, one HTML file."""
