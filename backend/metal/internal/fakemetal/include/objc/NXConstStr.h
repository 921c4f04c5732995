#include "../gcc.h"
#include GCC_OBJC(NXConstStr.h)
