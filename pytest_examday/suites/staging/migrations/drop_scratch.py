"""A process that outlives the rehearsal and drops its scratch databases, unless the rehearsal says that it has done so.

It reads one line of JSON from its standard input, with the server's address and the names of the databases, and waits
for the end of the input. The rehearsal's process holds the other end, so the input ends however that process ends.
"""

import json
import sys

import psycopg
from psycopg import sql


def main() -> None:
    """Wait, and drop what is left."""
    order = json.loads(sys.stdin.readline())
    if sys.stdin.read().strip() == "dropped":
        return
    with psycopg.connect(order["address"], autocommit=True, connect_timeout=10) as connection:
        for name in order["names"]:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


if __name__ == "__main__":
    main()
