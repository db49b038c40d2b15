module responder

go 1.19
