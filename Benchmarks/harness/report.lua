-- Makes wrk print one line of JSON.

function init(args)
   if args[1] == "post" then
      wrk.method = "POST"
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
