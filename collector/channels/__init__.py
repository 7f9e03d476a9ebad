"""The notification channels: the only list. Key: the name used in the config and in people's
`reach`.
"""

from __future__ import annotations

from collector.channel import ChannelSettings
from collector.channels.alertmanager import AlertmanagerSettings
from collector.channels.email import EmailSettings
from collector.channels.webhook import WebhookSettings

CHANNELS: dict[str, type[ChannelSettings]] = {
    "email": EmailSettings,
    "webhook": WebhookSettings,
    "alertmanager": AlertmanagerSettings,
}
