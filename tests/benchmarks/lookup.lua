-- For wrk: ask for the paths in the file BENCHMARK_PATHS, one after the other, with the headers
-- Accept (BENCHMARK_ACCEPT) and, if there is one, If-None-Match (BENCHMARK_TAG).

local paths = {}
for line in io.lines(os.getenv("BENCHMARK_PATHS")) do
  paths[#paths + 1] = line
end

local asked = 0
wrk.headers["Accept"] = os.getenv("BENCHMARK_ACCEPT")
wrk.headers["If-None-Match"] = os.getenv("BENCHMARK_TAG")

function request()
  asked = asked + 1
  return wrk.format("GET", paths[asked % #paths + 1])
end
