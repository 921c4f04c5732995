package misuse
