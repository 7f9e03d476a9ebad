"""A process that serves ingest on a journal until it is killed: JOURNAL PORT AGENT…"""

from __future__ import annotations

import asyncio
import sys
import time

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from collector.admission import Admission
from collector.enrolment import Enrolled
from collector.ingest import Ingest
from collector.journals import open_journal


async def serve(url: str, port: int, agents: list[str]) -> None:
    """Each agent's credential is its name, and its site too."""
    journal = open_journal(url)
    credentials = {agent: Enrolled(agent, (agent,), (), 0.0, None) for agent in agents}
    ingest = Ingest(
        journal,
        credentials.get,
        Admission(journal, {}.get),
        clock=time.time,
        on_accepted=lambda: None,
    )
    app = Starlette(routes=[Route("/api/v1/write", ingest.handle, methods=["POST"])])
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error")
    running = asyncio.create_task(ingest.run())
    await uvicorn.Server(config).serve()
    running.cancel()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
