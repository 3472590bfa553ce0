int shared_symbol(void) { return 2; }
static int own(void) { return 2; }
int two(void) { return own(); }
