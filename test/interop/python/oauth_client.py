"""The official Python client at one server, told its URL and nothing else.

One JSON object a line: on stdin what to call, on stdout what the client did ("step"), which address a person has to
open ("open"), and how it ended ("done" or "failed"). Everything about tokens is the client's own doing.

usage: oauth_client.py URL NAME [ADDRESS THAT DESCRIBES THE CLIENT]
"""

import asyncio
import json
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata


def say(**what):
    print(json.dumps(what), flush=True)


class Memory:
    """Tokens and registration, for as long as the process lives."""

    tokens = None
    client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Callback:
    """The page on loopback to which the browser comes back."""

    def __init__(self):
        self.arrived = asyncio.Queue()

    async def listen(self):
        self.server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}/callback"

    async def answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        target = urlsplit(head.split(" ")[1])
        page = "<!doctype html><title>Client</title><h1>Back at the Python client</h1>"
        status = "200 OK" if target.path == "/callback" else "204 No Content"
        body = page if target.path == "/callback" else ""
        length = f"content-length: {len(body)}\r\n" if body else ""
        writer.write(f"HTTP/1.1 {status}\r\ncontent-type: text/html\r\n{length}connection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()
        if target.path == "/callback":
            await self.arrived.put({name: values[0] for name, values in parse_qs(target.query).items()})

    async def wait(self):
        answer = await self.arrived.get()
        if "error" in answer:
            raise OAuthFlowError(f"{answer['error']}: {answer.get('error_description')}")
        return AuthorizationCodeResult(code=answer["code"], state=answer.get("state"), iss=answer.get("iss"))


async def tell(response):
    request = response.request
    message = {}
    if request.headers.get("content-type", "").startswith("application/json"):
        message = json.loads(request.content)
    say(step=[request.method, str(request.url), message.get("method"), response.status_code])


async def ask(address):
    say(open=address)


def reasons(error):
    """Of a group of errors, what each of them says."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(reasons(one) for one in error.exceptions)
    return f"{type(error).__name__}: {error}"


async def serve(client):
    """Calls what it is told to call, one after the other."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        call = json.loads(line)
        try:
            result = await client.call_tool(call["name"], call["arguments"])
            say(done=result.structured_content)
        except Exception as error:
            say(failed=reasons(error))


async def main(url, name, described_at=None):
    callback = Callback()
    memory = Memory()
    metadata = OAuthClientMetadata(client_name=name, redirect_uris=[await callback.listen()])
    provider = OAuthClientProvider(
        url, metadata, memory, redirect_handler=ask, callback_handler=callback.wait, client_metadata_url=described_at
    )
    async with create_mcp_http_client(auth=provider) as http:
        http.event_hooks = {"response": [tell]}
        try:
            async with Client(streamable_http_client(url, http_client=http)) as client:
                say(done=[tool.name for tool in (await client.list_tools()).tools])
                await serve(client)
        except Exception as error:
            say(failed=reasons(error))


asyncio.run(main(*sys.argv[1:]))
