"""Simulated SNMP v1/v2c agents: a small codec of our own over recorded and generic object trees.

Why not pysnmp: it costs about 7 ms of processor time a request (design notes, "measured"), so 140
devices asked every ten seconds would take a whole core of the machine that the demo runs on.
Reading a GET and answering from bytes encoded beforehand costs tens of microseconds. Version 3 is
left to net-snmp's real snmpd, which the demo and the tests also ask.
"""
