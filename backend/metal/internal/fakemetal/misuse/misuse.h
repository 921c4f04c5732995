#ifndef MISUSE_H
#define MISUSE_H
int misuse_count(void);
const char *misuse_name(int n);
const char *misuse_want(int n); // part of the fault, "" for none
void misuse_run(int n);
#endif
