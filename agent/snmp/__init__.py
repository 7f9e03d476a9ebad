"""SNMP: the session contract, its engines, and the pure decoding of what devices answer."""
