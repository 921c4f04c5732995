#include "../gcc.h"
#include GCC_OBJC(thr.h)
