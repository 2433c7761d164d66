"""Runtimes: how the services of a platform are stopped, started and read.

`base` is the interface. `docker`, `command` and `embedded_runtime` implement it, `none` refuses everything; `refusing`
is their base class. `embedded_server` starts and stops what a run starts for itself, `embedded_state` reads the state
file of the embedded platform. `target/runtime_of.py` chooses the runtime of an environment.
"""
