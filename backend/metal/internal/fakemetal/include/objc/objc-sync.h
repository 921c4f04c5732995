#include "../gcc.h"
#include GCC_OBJC(objc-sync.h)
