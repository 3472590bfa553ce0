int abs(int n);
