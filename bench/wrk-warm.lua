-- Says `warm` when connections have been open for a second, and counts what was asked after that.
local threads = {}
local before = os.time()

function setup (thread) table.insert(threads, thread) end

function init ()
  asked = wrk.format()
  warm, count = 0, 0
end

function request ()
  count = count + 1
  -- The clock has whole seconds.
  if warm == 0 and os.time() >= before + 2 then
    warm = count
    io.write("warm\n")
    io.flush()
  end
  return asked
end

function done (summary)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("result %d %d %d %d", summary.requests - threads[1]:get("warm"), summary.duration, errors, summary.bytes))
end
