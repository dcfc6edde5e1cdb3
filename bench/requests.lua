-- For wrk: posts the bodies of the file $BODIES, one a line, one after another from a random start, with the headers
-- of the file $HEADERS, one `Name: value` a line. Ends with one line: RESULT requests us bytes p50_us p99_us bad.
-- With $TOTAL it starts with the first body and ends after so many answers.
local requests, at, answered = {}, 0, 0
local total = tonumber(os.getenv("TOTAL"))

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
  at = total and 0 or math.random(#requests)
end

function request()
  at = at % #requests + 1
  return requests[at]
end

if total then
  function response()
    answered = answered + 1
    if answered >= total then
      wrk.thread:stop()
    end
  end
end

function done(summary, latency, _)
  local errors = summary.errors
  local bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99), bad))
end
