module header-bench

go 1.19
