module ssee-bench/targets/go-nethttp

go 1.19
