"""A process that outlives the rehearsal and drops its scratch database, unless the rehearsal says that it has done so.

It reads one line of JSON from its standard input, with the server's address and the name of the database, and waits
for the end of the input. The rehearsal's process holds the other end, so the input ends however that process ends.
"""

import json
import sys


def main() -> None:
    """Wait, and drop what is left."""
    order = json.loads(sys.stdin.readline())
    if sys.stdin.read().strip() == "dropped":
        return
    import psycopg
    from psycopg import sql

    with psycopg.connect(order["address"], autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(order["name"])))


if __name__ == "__main__":
    main()
