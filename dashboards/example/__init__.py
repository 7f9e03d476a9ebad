"""A district in trouble as samples: what boards are tried on and what pictures are taken of.

It is made from the example inventory and a short plan of faults (`trouble.py`), in event time, as fast
as a store takes it. The figures are invented; the names and labels are those of the catalogue.
"""
