"""Reads what a platform reports about itself: its logs, its metrics, its connection pool.

Logs: `log_review` is the entry. It reads blocks of lines (`log_reader`, `log_block`, with `line_decoder` for JSON and
`text_decoder` for text), adds up their figures (`log_figures`), and finds requests of clients in them
(`logged_requests`). `log_warnings` counts the warnings of a fault by the clock of the log. `log_contradictions`,
`log_routes` and `clock_offsets` compare the lines of these requests with what the clients saw; `logged_secrets`
searches for secrets.

During a load: `metrics_watch` and `machine_watch` take readings in a thread (`watch`).
"""
