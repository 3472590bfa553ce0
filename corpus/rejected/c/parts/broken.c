int broken(int x) { return x + ; }
int other(void) { return undeclared; }
