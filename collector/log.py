"""Log lines of the collector: a constant message and key=value fields, one line each, safe to
print.
"""

from __future__ import annotations

import json
import logging
import time

from telemetry.labels import clean_text

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "taskName"}


class FieldFormatter(logging.Formatter):
    """Renders `log.info("message", extra={"store": …})` as one line; tracebacks become a field."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in UTC, level, message, then the fields of `extra`."""
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        words = [f"{key}={_shown(value)}" for key, value in fields.items()]
        if record.exc_info:
            words.append(f"traceback={json.dumps(self.formatException(record.exc_info))}")
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return " ".join([moment, record.levelname.lower(), clean_text(record.getMessage()), *words])


def set_up_log(level: int = logging.INFO) -> None:
    """The process' log goes to standard error, for systemd or a terminal to keep."""
    handler = logging.StreamHandler()
    handler.setFormatter(FieldFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    for foreign in ("httpx", "httpcore", "uvicorn", "asyncio"):
        logging.getLogger(foreign).setLevel(logging.WARNING)


def _shown(value: object) -> str:
    text = clean_text(str(value))
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & set(' ="\\') else text
