int shared_symbol(void) { return 1; }
static int own(void) { return 1; }
int one(void) { return own(); }
