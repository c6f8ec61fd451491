"""
The official SDK and FastMCP for Python under uvicorn, with uvloop and httptools: server.py python|pyfastmcp [tuned].
Without a second argument it is set up as their guides for HTTP have it: stateless, and requests are logged. `tuned` answers JSON
instead of streams and logs only warnings. Each runs without the other loaded, for both set up logging.
"""
import os
import sys

import uvicorn
from pydantic import BaseModel

kind, tuned = sys.argv[1], "tuned" in sys.argv[2:]
level = "WARNING" if tuned else "INFO"
if kind == "python":
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("bench", version="1.0.0", log_level=level)
else:
    os.environ["FASTMCP_LOG_LEVEL"] = level
    from fastmcp import FastMCP

    server = FastMCP("bench", version="1.0.0")


class Sum(BaseModel):
    sum: float


@server.tool()
def add(a: float, b: float) -> Sum:
    """Adds two numbers."""
    return Sum(sum=a + b)


make_app = server.streamable_http_app if kind == "python" else server.http_app
app = make_app(stateless_http=True, json_response=tuned)


class Announced(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        print(f"http://127.0.0.1:{port}/mcp", flush=True)


Announced(uvicorn.Config(app, host="127.0.0.1", port=0, log_level=level.lower())).run()
