module ssee-bench/perf/cpu-of

go 1.19
