// What happened, a line each: a marker and JSON. k6 cannot write files; its console writes a line before it returns,
// so a write's intent is out of the process before the write is sent.
export function tell(kind, what) {
  console.log(`examday-${kind} ${JSON.stringify(what)}`);
}
