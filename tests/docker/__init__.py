"""The Docker runtime on a real engine: a stack of containers, as a Compose project would look."""
