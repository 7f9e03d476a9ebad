"""A district that answers over real packets: ICMP, SNMP, TCP services, faults on a timetable.

Used by tests, benchmarks and `ltmon demo`. Nothing here reaches a network that it did not make:
every office lives in a network namespace of its own, or on the loopback range.
"""
