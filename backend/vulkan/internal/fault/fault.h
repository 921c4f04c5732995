#ifndef FAULT_H
#define FAULT_H

void *fault_through(void *real);
int fault_fail(const char *call, int result, int skip);
void fault_heal(void);

#endif
