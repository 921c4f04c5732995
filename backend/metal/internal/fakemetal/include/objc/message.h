#include "../gcc.h"
#include GCC_OBJC(message.h)
