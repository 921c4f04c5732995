#include "../gcc.h"
#include GCC_OBJC(Object.h)
