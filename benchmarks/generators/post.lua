-- The same request by wrk, which reads no body; at the end it prints p95 and what failed.
wrk.method = "POST"
wrk.body = '{"question_id":"q1","choice":"B","sequence":1,"marked":false}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer t-1"

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(string.format('{"requests": %d, "errors": %d, "p95_ms": %.3f}', summary.requests, failed, latency:percentile(95) / 1000))
end
