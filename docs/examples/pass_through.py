#!/usr/bin/env python3
"""A smallest executor: it runs manifests of PassThrough and Echo nodes, and refuses all others.

Left out for brevity: the limit on nesting, and a look into tagged values, which pass as they are.
"""

import json
import re
import sys

EXIT_CODES = {"manifest": 10, "graph": 11}


class Refused(Exception):
    """A request that can't be run: the error's kind and its message."""


def check(kind: str, holds: bool, message: str) -> None:
    if not holds:
        raise Refused(kind, message)


def keys(value: object, where: str, required: set[str], optional: set[str] = frozenset()) -> None:
    check("manifest", isinstance(value, dict), f"{where} is not an object")
    wrong = sorted(value.keys() - required - optional) + sorted(required - value.keys())
    check("manifest", not wrong, f"unknown or missing in {where}: {', '.join(wrong)}")


def read(raw: bytes) -> tuple[dict, list]:
    try:
        request = json.loads(raw.decode())
        # Python reads NaN, 1e999 and lone surrogates, which are no JSON; it refuses to write them like this.
        json.dumps(request, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused("manifest", f"the request is not JSON: {error}") from error
    if isinstance(request, dict) and "manifest" not in request:
        request = {"manifest": request}
    keys(request, "the request", {"manifest"}, {"input_data"})
    items = request.get("input_data", [None])
    check("manifest", isinstance(items, list), "input_data is not an array")
    return request["manifest"], items


def validate(manifest: dict) -> None:
    keys(manifest, "the manifest", {"version", "metadata", "nodes", "connections"})
    keys(manifest["metadata"], "metadata", {"name"}, {"description", "created_at"})
    check("manifest", manifest["version"] == "v1", "the version is not v1")
    for key in ("nodes", "connections"):
        check("manifest", isinstance(manifest[key], list), f"{key} is not an array")
    check("manifest", manifest["nodes"] != [], "there are no nodes")
    for node in manifest["nodes"]:
        keys(node, "a node", {"id", "node_type"})
        check("manifest", node["node_type"] in ("PassThrough", "Echo"), f"unknown node type {node['node_type']!r}")
        is_id = isinstance(node["id"], str) and re.fullmatch("[A-Za-z0-9_-]+", node["id"])
        check("manifest", bool(is_id), f"bad id {node['id']!r}")
    for connection in manifest["connections"]:
        keys(connection, "a connection", {"from", "to"})
        check("manifest", all(isinstance(end, str) for end in connection.values()), "an end of a connection is not a string")


def run(manifest: dict, items: list) -> dict:
    ids = [node["id"] for node in manifest["nodes"]]
    edges = [(connection["from"], connection["to"]) for connection in manifest["connections"]]
    check("graph", len(set(ids)) == len(ids), "two nodes have one id")
    check("graph", all(end in ids for edge in edges for end in edge), "a connection names an unknown node")
    order, flow = [], {}
    while len(order) < len(ids):
        # Of the nodes that are ready, the first one in the manifest comes first.
        ready = [node for node in ids if node not in flow and all(a in flow for a, b in edges if b == node)]
        check("graph", ready != [], "the connections form a cycle")
        incoming = [a for a, b in edges if b == ready[0]]
        received = [item for a in incoming for item in flow[a]] if incoming else items
        flow[ready[0]] = [item for item in received if item is not None]
        order.append(ready[0])
    sources = [node for node in ids if all(b != node for _, b in edges)]
    sinks = [node for node in ids if all(a != node for a, _ in edges)]
    graph = {"node_count": len(ids), "source_count": len(sources), "sink_count": len(sinks), "execution_order": order}
    outputs = [item for sink in sinks for item in flow[sink]]
    return {"status": "success", "outputs": outputs, "graph_info": graph, "warnings": []}


def main() -> int:
    try:
        manifest, items = read(sys.stdin.buffer.read())
        validate(manifest)
        result, code = run(manifest, items), 0
    except Refused as refused:
        kind, message = refused.args
        result, code = {"status": "error", "error": {"kind": kind, "message": message}}, EXIT_CODES[kind]
    sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False).encode())
    return code


if __name__ == "__main__":
    sys.exit(main())
