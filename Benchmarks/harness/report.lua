-- Makes wrk print one line of JSON, and ask for one of many tokens.

function init(args)
   if args[1] == "post" then
      wrk.method = "POST"
      wrk.body = ""
   end
   local bearer = os.getenv("WRK_BEARER")
   if bearer then
      wrk.headers["Authorization"] = "Bearer " .. bearer
   end
   local tokens = tonumber(args[2])
   if tokens > 0 then
      local text = wrk.format(nil, (wrk.path:gsub("%d+$", "@@")))
      local from, to = text:find("@@", 1, true)
      before, after = text:sub(1, from - 1), text:sub(to + 1)
      math.randomseed(os.time())
      request = function() return before .. math.random(0, tokens - 1) .. after end
   end
   local pause = tonumber(args[3])
   if pause > 0 then
      delay = function() return pause end
   end
end

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '{"pages":%d,"seconds":%.6f,"rate":%.2f,"p50":%.3f,"p99":%.3f,"max":%.3f,'
         .. '"failed":%d,"timeouts":%d,"broken":%d,"bytes":%d}\n',
      summary.requests, summary.duration / 1e6, summary.requests / (summary.duration / 1e6),
      latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
      errors.status, errors.timeout, errors.connect + errors.read + errors.write, summary.bytes
   ))
end
