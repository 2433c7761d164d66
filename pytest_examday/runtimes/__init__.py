"""Runtimes: how the services of a platform are stopped, started and read.

`base` is the interface. `docker`, `command` and `embedded_runtime` implement it, `none` refuses everything; `refusing`
is their base class. `start_embedded` starts an embedded platform for a run, `embedded_state` reads its state file.
`target/runtime_of.py` chooses the runtime of an environment."""
