"""The default rules of other monitors, as small streaming judges over the same samples.

Each is written after the rule files named in its module; what they need from a device is taken from the
samples that our agents send, which are better than most of theirs. None of them knows parents by
default, so each alarm is an incident of its own: one for each object and rule.
"""

from benchmarks.peers.checkmk import CHECKMK
from benchmarks.peers.librenms import LIBRENMS
from benchmarks.peers.prometheus import PROMETHEUS
from benchmarks.peers.zabbix import ZABBIX

PEERS = (ZABBIX, LIBRENMS, PROMETHEUS, CHECKMK)
"""Every peer: the only list."""
