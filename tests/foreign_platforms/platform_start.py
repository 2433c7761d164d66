"""Starts the services that a foreign platform has: a database, workers behind one address, and Redis if it uses
that."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.foreign_platforms.balancer import balance
from tests.foreign_platforms.postgres import database, database_url
from tests.foreign_platforms.redis_service import redis
from tests.foreign_platforms.services import HOST, free_ports, worker
from tests.foreign_platforms.supervisor import Supervisor


@dataclass(frozen=True)
class Addresses:
    """Where the services are: the one address before the workers, the database, Redis, and each worker."""

    front: str
    database: str
    redis: str
    workers: Mapping[str, str]


async def start(
    supervisor: Supervisor,
    workers: Sequence[str],
    application: str,
    environment: Callable[[str, Addresses], Mapping[str, str]],
    fill: Callable[[str], None],
    *,
    with_redis: bool = True,
) -> Addresses:
    """Start everything. `environment` gives the variables of a worker, and `fill` creates the tables and people in the
    database at an address. Workers start before the database is filled, as they do after a power failure."""
    front, database_port, redis_port, *ports = free_ports(3 + len(workers))
    port_of = dict(zip(workers, ports, strict=True))
    addresses = Addresses(
        f"http://{HOST}:{front}",
        database_url(database_port),
        f"redis://{HOST}:{redis_port}/0",
        {name: f"http://{HOST}:{port}" for name, port in port_of.items()},
    )
    early = [
        worker(name, port, supervisor.folder, application, environment(name, addresses))
        for name, port in port_of.items()
    ]
    if with_redis:
        early.append(redis(redis_port, supervisor.folder))
    starting = asyncio.gather(supervisor.start(*early))
    await supervisor.start(await asyncio.to_thread(database, database_port, supervisor.folder))
    await asyncio.to_thread(fill, addresses.database)
    await starting
    await balance(front, port_of.values())
    return addresses
