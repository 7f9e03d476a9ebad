"""Grafana and Prometheus as code: boards in two languages, their preview and their pictures.

A board is a value made of panels (`board.py`, `panels.py`); what a panel asks is built from objects
of the catalogue (`expression.py`). `python -m dashboards generate` writes the JSON that Grafana loads.
"""
