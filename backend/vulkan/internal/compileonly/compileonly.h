#ifndef FM_COMPILEONLY_H
#define FM_COMPILEONLY_H

#include <stdint.h>

// What a compiler says of a pipeline, as the driver names it. A value is an integer,
// or with real a float64's bits.
typedef struct {
	char name[256];
	uint64_t value;
	int real;
} compileonly_statistic;

void *compileonly_through(void *real);

// compileonly_of writes what is known of a pipeline, most entries at most, and returns how many.
uint32_t compileonly_of(uint64_t pipeline, compileonly_statistic *out, uint32_t most, uint32_t *subgroup);

#endif
