#pragma once
#include <stddef.h>
int snprintf(char *to, size_t n, const char *format, ...) __attribute__((format(printf, 3, 4)));
