"""Webhook: the message as a JSON document, POSTed to one address of the config."""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qsl, urlsplit

from apprise.plugins.custom_json import NotifyJSON

from collector.channel import (
    Channel,
    ChannelSettings,
    Message,
    Outcome,
    Service,
    WebAddress,
    send_by_apprise,
)
from inventory.credentials import Secret


class WebhookSettings(ChannelSettings):
    """Where to POST. token: sent as `Authorization: Bearer`. everything: this address is told of
    every notification, whether or not a person's `reach` names the webhook.
    """

    url: WebAddress
    token: Secret | None = None
    everything: bool = True
    verify_tls: bool = True

    @property
    def standing_recipients(self) -> tuple[str, ...]:
        """One that stands for the system behind the address."""
        return ("webhook",) if self.everything else ()

    def open(self) -> Channel:
        """The channel that POSTs to this address."""
        return WebhookChannel(self)


class WebhookChannel:
    """POSTs `{version, title, message, type, to, …data}`; any 2xx answer is a delivery.

    Redirects are not followed: the address was chosen by whoever wrote the config, and only that
    one.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    async def send(self, message: Message, to: str) -> Outcome:
        """POSTs the document; sent means that the server answered 2xx."""
        parts = self._parts(urlsplit(self._settings.url))
        service = Service(NotifyJSON, {**parts, "payload": {**message.data, "to": to}})
        return await send_by_apprise(service, message.subject, message.text, html=False)

    def _parts(self, parts: SplitResult) -> dict[str, object]:
        token = self._settings.token
        return {
            "secure": parts.scheme == "https",
            "host": parts.hostname,
            "port": parts.port,
            "fullpath": parts.path or "/",
            "params": dict(parse_qsl(parts.query)),
            "headers": {"Authorization": f"Bearer {token.reveal()}"} if token else {},
            "verify": self._settings.verify_tls,
            "redirect": False,
        }
