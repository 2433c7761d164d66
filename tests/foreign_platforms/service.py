"""Stops, kills or starts one service of a running foreign platform, or tells whether it runs.

The exit status is 0 for done or yes, 1 for no, 2 for a wrong name, 255 if the platform itself does not answer.
"""

import argparse
import json
import socket
import sys
from pathlib import Path

_STATUS = {"yes": 0, "no": 1, "unknown": 2}


def main() -> int:
    """Ask the platform, and print what it says beside yes."""
    parser = argparse.ArgumentParser(prog="python -m tests.foreign_platforms.service", description=__doc__)
    parser.add_argument("verb", choices=["stop", "start", "kill", "status"])
    parser.add_argument("name", help="a service of the platform, or backend (all of its workers)")
    parser.add_argument("state", type=Path, help="the platform's state.json")
    options = parser.parse_args()
    try:
        port = json.loads(options.state.read_text())["control"]
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(f"{options.verb} {options.name}\n".encode())
            reply = connection.makefile().read()
    except OSError as error:
        print(f"the platform of {options.state} does not answer: {error}", file=sys.stderr)
        return 255
    word, _, reason = reply.partition(": ")
    if reason:
        print(reason, file=sys.stderr)
    return _STATUS.get(word, 255)


if __name__ == "__main__":
    sys.exit(main())
