-- time.lua FILE: runs a kernel; the processor seconds of the run alone, after loading, go to standard error.
local kernel = assert(loadfile(arg[1]))
local start = os.clock()
kernel()
io.stderr:write(string.format("%.6f\n", os.clock() - start))
