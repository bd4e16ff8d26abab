done = function (summary)
  local e = summary.errors
  print(string.format("result %d %d %d %d", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout, summary.bytes))
end
