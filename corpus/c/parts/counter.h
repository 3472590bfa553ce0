int counter_next(void);
void counter_reset(int to);
int pop2(int p0, int);
