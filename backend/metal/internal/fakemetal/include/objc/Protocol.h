#include "../gcc.h"
#include GCC_OBJC(Protocol.h)
