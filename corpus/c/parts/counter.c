static int value;
int counter_next(void) { return ++value; }
void counter_reset(int to) { value = to; }
int pop2(int a, int b) { return a * 10 + b; }
