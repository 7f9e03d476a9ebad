"""Makes the small walks of `tests/inventory/walks/` out of the recordings of snmpsim-data.

`python -m tests.inventory.cut_walks [NAME…]` records each anew: the recording answers over a real socket, our
own recorder asks for what a poll of its profile asks, a few rows of each column, and blanks what is private.
"""

from __future__ import annotations

import asyncio
import bz2
import sys
import time
from pathlib import Path

from agent.snmp.blank import Blanker
from agent.snmp.pysnmp import PysnmpEngine
from agent.snmp.recorder import Cut, what_a_poll_asks
from agent.snmp.recording import RecordingFile
from agent.snmp.session import Access
from inventory.credentials import Credentials
from tests.agent.snmp.recorded import RECORDINGS, Device, answering, objects
from tests.agent.snmp.replay import ASKED

WALKS = Path(__file__).parent / "walks"

SOURCES: dict[str, tuple[str, int, int]] = {
    "airos": ("network/wifi/ubiquiti-m5", 3, 2),
    "apc-ups": ("UPS/apc-8932", 3, 2),
    "arista": ("cloud/arista-dcs-7150s-52-cl", 20, 2),
    "aruba-controller": ("network/wifi/aruba-7210", 12, 2),
    "bdcom": ("network/switch/bdcom-s5612", 20, 2),
    "brocade-fc": ("network/switch/brocade-ds-5100b", 20, 2),
    "brocade-icx": ("network/switch/brocade-icx6430-24", 20, 2),
    "camera-other": ("camera/samsung-ipolis", 3, 2),
    "cisco-ios-switch": ("network/switch/cisco-c3560", 24, 2),
    "cisco-ios-switch-optics": ("network/switch/cisco-c3750", 45, 19),
    "cisco-nxos": ("network/switch/cisco-n5000", 20, 2),
    "cisco-router": ("network/router/cisco-unmarked-0", 4, 2),
    "cisco-wlc": ("network/appliance/cisco-controller", 3, 2),
    "clavister": ("network/firewall/clavister-amaranten", 3, 2),
    "digitalchina": ("network/switch/dcs-3726c", 3, 2),
    "dlink": ("network/switch/dlink-des3038", 10, 2),
    "dptech": ("network/switch/dptech-dpx800-a5", 20, 2),
    "eaton-mge": ("UPS/eaton-93e-80", 4, 2),
    "eaton-mge-partial": ("UPS/eaton-9px-partial", 4, 2),
    "emerson-ups": ("UPS/emerson-network-power", 3, 2),
    "environment": ("iot/geist-temperature-sensor", 4, 2),
    "fortinet-fortigate": ("network/firewall/fortinet-xcu", 70, 2),
    "generic": ("os/linux/netmanage", 3, 2),
    "h3c-comware": ("network/switch/h3c-e528-2", 60, 2),
    "hikvision-camera": ("camera/hikvision", 3, 2),
    "hikvision-nvr": ("camera/hikvision-network-video-recorder", 3, 2),
    "hpe-oa": ("bmc/hp-onboard-administrator", 4, 2),
    "hpe-procurve": ("network/switch/hpe-procurve-516733-b21", 24, 2),
    "huawei-ibmc": ("network/appliance/empirical-hw-mgmt", 4, 2),
    "huawei-ups": ("UPS/huawei-gse200m", 4, 2),
    "huawei-vrp": ("network/router/huawei-s5720", 16, 2),
    "huawei-vrp-ac": ("network/router/huawei-acu2", 40, 2),
    "ibm-power": ("os/linux/ibm-power-chrp", 8, 2),
    "infosec-nsae": ("network/appliance/infosec-nsae-6500", 10, 2),
    "isilon": ("storage/isilon-onefs", 10, 2),
    "juniper-junos": ("network/router/juniper-mx960-12-3r6-6", 30, 2),
    "juniper-wlc": ("network/wifi/juniper-wlc2800", 3, 2),
    "leadsec": ("network/firewall/legend-holdings-firewall", 3, 2),
    "linux": ("os/linux/slackware", 8, 2),
    "maipu": ("network/switch/maipu-sm4200-16gef8ge-ac", 3, 2),
    "media-converter": ("network/switch/cts-media-converter", 3, 2),
    "metel": ("network/switch/metel-poe-box", 3, 2),
    "netapp": ("storage/netapp-ontap-8-2-3", 3, 2),
    "nsfocus": ("network/appliance/nsfocus-ads", 8, 1),
    "paloalto": ("network/firewall/paloalto-pa-5000", 30, 2),
    "ruckus-sz": ("network/wifi/ruckus-smartcell-gateway", 3, 2),
    "ruijie": ("network/switch/ruijie-s5750-24gt12sfp", 20, 2),
    "sangfor": ("network/firewall/sangfor-vad1", 8, 2),
    "santak-netagent": ("UPS/phoenixtec-power", 4, 2),
    "topsec": ("network/firewall/topsec-ngfw4000-uf", 3, 2),
    "tripplite": ("network/appliance/tripplite-poweralert", 4, 2),
    "ups-mib": ("UPS/eastpower-istars-swv053", 4, 2),
    "ups-mib-ingrasys": ("UPS/ingrasys-power-switch", 4, 2),
    "venustech": ("network/firewall/venus-vsos-v0600r0705b20180507", 3, 2),
    "vertiv-liebert": ("UPS/vertiv-power", 8, 2),
    "vyatta": ("network/router/vyatta-unknown", 8, 2),
    "wifi-other": ("network/appliance/meru-networks-controller", 3, 2),
    "windows": ("os/windows/XP", 8, 1),
    "zte-cgel": ("os/linux/zte-embsys-cgel", 3, 2),
    "zte-zxr10": ("network/switch/zte-zxr10-5250", 10, 2),
}
"""Walk → recording, how many rows of each column, how many ports."""


def device_of(recording: str) -> Device:
    """The recorded device, as far as a poll may ask it."""
    packed = RECORDINGS / f"{recording}.snmprec.bz2"
    raw = (
        bz2.decompress(packed.read_bytes())
        if packed.exists()
        else packed.with_suffix("").read_bytes()
    )
    return Device(dict(objects(line for line in raw.splitlines() if line.startswith(ASKED))))


async def cut(name: str) -> int:
    """Writes one walk; how many objects stand in it."""
    recording, rows, ports = SOURCES[name]
    who = Credentials(id="cut", version="2c", community="public")  # type: ignore[arg-type]
    async with answering(device_of(recording)) as port:
        access = Access("127.0.0.1", port, who, 10.0, 2, time.monotonic() + 300)
        session = await PysnmpEngine().open(access)
        entries, _ = await what_a_poll_asks(session, time.monotonic, "auto", Cut(rows, ports))
        session.close()
    RecordingFile(WALKS / f"{name}.snmprec").finish(Blanker().blanked(entries))
    return len(entries)


def main() -> None:
    """Cuts those that are named, or all."""
    for name in sys.argv[1:] or SOURCES:
        print(name, asyncio.run(cut(name)))


if __name__ == "__main__":
    main()
