module outside

go 1.25

require falconmamba v0.0.0

replace falconmamba => ../../../..
