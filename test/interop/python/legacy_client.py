"""The official Python client of the 1.x line in one session at one server.

One JSON object a line: on stdin what to call, on stdout how each call ended ("done" or
"failed"), or the names of the tools where nothing is to be called. A client whose session is broken says "ended".

usage: legacy_client.py URL TOKEN
"""

import asyncio
import json
import sys

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


def say(**what):
    print(json.dumps(what), flush=True)


async def call(session, name, arguments):
    try:
        result = await session.call_tool(name, arguments)
        say(done=not result.isError)
    except Exception as error:
        say(failed=f"{type(error).__name__}: {error}")


async def serve(session):
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        if "name" in asked:
            await call(session, asked["name"], asked["arguments"])
        else:
            say(done=[tool.name for tool in (await session.list_tools()).tools])


async def main(url, token):
    headers = {"authorization": f"Bearer {token}"}
    async with streamablehttp_client(url, headers=headers) as (reading, writing, session_id):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            say(done="initialized", session=session_id())
            await serve(session)


try:
    asyncio.run(main(*sys.argv[1:]))
except BaseException as error:
    say(ended=f"{type(error).__name__}: {error}")
