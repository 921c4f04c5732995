#include "../gcc.h"
#include GCC_OBJC(runtime.h)
