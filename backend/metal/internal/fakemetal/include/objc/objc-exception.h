#include "../gcc.h"
#include GCC_OBJC(objc-exception.h)
