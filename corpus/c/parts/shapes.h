/* A small C library: every kind of prototype that the mapping knows. */
#ifndef SHAPES_H
#define SHAPES_H
#include <stdbool.h>
#include <stddef.h>
#ifndef SHAPES_SCALE
#error "SHAPES_SCALE is not defined"
#endif
typedef struct stack stack;
enum color { RED, GREEN = 5 };

int area(int width, int height);
unsigned mask(unsigned bits);
short narrow(short, unsigned short);
signed char letter(char c, unsigned char by);
bool is_even(int n);
long long_sum(long a, long long b);
unsigned long wide(unsigned long a, unsigned long long b, size_t c);
float half(float x);
double mean(const double *values, int count);
size_t text_length(const char *text);
const char *name_of(enum color which);
void bump(int *cell, short *small, float *real, unsigned *bits);
void fill(char buffer[], int count);
stack *stack_new(void);
void stack_push(stack *s, int value);
int stack_pop(stack *s);
void stack_free(stack *s);
int apply(int (*f)(int), int x);
int match(int defer);
int i2(int x);
int total(int count, ...);
int called_back(int x);
int renamed(int x) __asm__("shapes_renamed");
static inline int hidden_inline(int x) { return x; }
#define AREA(w, h) area(w, h)
#endif
