-- For wrk: ask for the paths in the file BENCHMARK_PATHS, one after the other, as Turtle.

local paths = {}
for line in io.lines(os.getenv("BENCHMARK_PATHS")) do
  paths[#paths + 1] = line
end

local asked = 0
wrk.headers["Accept"] = "text/turtle"

function request()
  asked = asked + 1
  return wrk.format("GET", paths[asked % #paths + 1])
end
