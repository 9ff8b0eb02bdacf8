module ssee-bench/perf/pour

go 1.19
