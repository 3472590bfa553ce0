int f(void);
#include "recursive.h"
