module airside/bench/carrier

go 1.26
