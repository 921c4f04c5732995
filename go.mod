module falconmamba

go 1.25
