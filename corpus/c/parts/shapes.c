#include "shapes.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct stack { int values[16]; int count; };
int shapes_calls = 0;
extern int sx_twice(int x);

int area(int width, int height) { ++shapes_calls; return width * height * SHAPES_SCALE; }
unsigned mask(unsigned bits) { return ~bits; }
short narrow(short a, unsigned short b) { return (short)(a + (b == 65535)); }
signed char letter(char c, unsigned char by) { return (signed char)(c + by); }
bool is_even(int n) { return n % 2 == 0; }
long long_sum(long a, long long b) { return a + (long)b; }
unsigned long wide(unsigned long a, unsigned long long b, size_t c) { return a + b + c; }
float half(float x) { return x / 2; }
double mean(const double *values, int count) {
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += values[i];
  return sum / count;
}
size_t text_length(const char *text) { return strlen(text); }
const char *name_of(enum color which) { return which == GREEN ? "green" : "red"; }
void bump(int *cell, short *small, float *real, unsigned *bits) { ++*cell; --*small; *real *= 2; *bits |= 8; }
void fill(char buffer[], int count) { memset(buffer, 'x', (size_t)count); }
stack *stack_new(void) { return calloc(1, sizeof(stack)); }
void stack_push(stack *s, int value) { s->values[s->count++] = value; }
int stack_pop(stack *s) { return s->values[--s->count]; }
void stack_free(stack *s) { free(s); }
int apply(int (*f)(int), int x) { return f(x); }
int match(int defer) { return defer + 1; }
int i2(int x) { return x * 100; }
int total(int count, ...) {
  va_list list;
  va_start(list, count);
  int sum = 0;
  while (count-- > 0) sum += (int)va_arg(list, long);
  va_end(list);
  return sum;
}
int called_back(int x) { return sx_twice(x) + 1; }
int renamed(int x) { return x - 1; }
