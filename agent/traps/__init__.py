"""Notifications that devices send by themselves: a listener for SNMP traps and informs (RFC 3416)."""
