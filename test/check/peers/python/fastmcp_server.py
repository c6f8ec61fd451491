"""FastMCP for Python as its documentation has it."""

import asyncio
import sys

from fastmcp import Context, FastMCP
from pydantic import BaseModel

mcp = FastMCP("fastmcp-python")
READ_ONLY = {"readOnlyHint": True}


class Sum(BaseModel):
    sum: float


@mcp.tool(annotations=READ_ONLY)
def add(a: float, b: float) -> Sum:
    """Adds two numbers."""
    return Sum(sum=a + b)


@mcp.tool(annotations=READ_ONLY)
def greet(name: str) -> str:
    """Greets someone."""
    return f"Hello, {name}!"


@mcp.tool(annotations=READ_ONLY)
async def count(to: int, ctx: Context) -> str:
    """Counts slowly."""
    for progress in range(1, min(to, 20) + 1):
        await asyncio.sleep(0.1)
        await ctx.report_progress(progress=progress, total=to)
    return f"counted to {to}"


@mcp.resource("note://welcome", mime_type="text/plain")
def welcome() -> str:
    """A note."""
    return "Welcome."


@mcp.resource("greeting://{name}", mime_type="text/plain")
def greeting(name: str) -> str:
    """A greeting."""
    return f"Hello, {name}!"


@mcp.prompt
def review(text: str) -> str:
    """Asks for a review."""
    return f"Please review: {text}"


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        mcp.run()
    else:
        mcp.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]))
