// Tells the JUnit class that runs these tests what came of each: one line of JSON per test.
const path = [];

function line(event, data) {
  const { details, name, nesting, skip, todo } = data;
  const error = details?.error;
  const cause = error?.cause ?? error;
  return `${JSON.stringify({
    event,
    path: [...path.slice(0, nesting), name],
    suite: details?.type === "suite",
    skipped: skip ?? (todo !== undefined && event === "fail" ? todo : undefined),
    millis: details?.duration_ms,
    error: error && String(cause?.stack ?? cause),
  })}\n`;
}

export default async function* report(source) {
  for await (const { type, data } of source) {
    switch (type) {
      case "test:start":
        path[data.nesting] = data.name;
        path.length = data.nesting + 1;
        break;
      case "test:pass":
        yield line("pass", data);
        break;
      case "test:fail":
        yield line("fail", data);
        break;
      case "test:stderr":
      case "test:stdout":
        process.stderr.write(data.message);
    }
  }
}
