// Tells what happened as a line of k6's console: a marker and JSON. k6 scripts cannot write files. But the console
// writes the line before it returns, so a write's intent has left the process before the write is sent.
export function tell(kind, what) {
  console.log(`examday-${kind} ${JSON.stringify(what)}`);
}
