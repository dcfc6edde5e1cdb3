-- For wrk: posts the bodies of the file $BODIES, one a line, one after another from a random start, with the headers
-- of the file $HEADERS, one `Name: value` a line. Ends with one line: RESULT requests us bytes p50_us p99_us bad.
local requests, at = {}, 0

function init(_)
  local headers = {["Content-Type"] = "application/json", ["Accept"] = "application/json"}
  for line in io.lines(os.getenv("HEADERS")) do
    local name, value = line:match("^([%w-]+): (.+)$")
    headers[name] = value
  end
  for line in io.lines(os.getenv("BODIES")) do
    requests[#requests + 1] = wrk.format("POST", "/graphql", headers, line)
  end
  math.randomseed(os.time())
  at = math.random(#requests)
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  local bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), bad))
end
