/*
 * include/linux/string.h: bytes compared, copied and set, a word at a time as far as there are words. Which way two differing ones
 * compare is either way.
 */
int memcmp(const void *one, const void *other, unsigned long n)
{
	const unsigned char *a = one, *b = other;

	for (; n >= 8; n -= 8, a += 8, b += 8)
		if (*(const unsigned long *)a != *(const unsigned long *)b)
			return __rw_choose(2) ? 1 : -1;
	for (; n > 0; n--, a++, b++)
		if (*a != *b)
			return *a < *b ? -1 : 1;
	return 0;
}
void *memcpy(void *to, const void *from, unsigned long n)
{
	unsigned char *a = to;
	const unsigned char *b = from;

	for (; n >= 8; n -= 8, a += 8, b += 8)
		*(unsigned long *)a = *(const unsigned long *)b;
	for (; n > 0; n--, a++, b++)
		*a = *b;
	return to;
}
void *memset(void *to, int c, unsigned long n)
{
	unsigned char *a = to;

	for (; n >= 8; n -= 8, a += 8)
		*(unsigned long *)a = c == 0 ? 0UL : c == -1 || c == 255 ? ~0UL : (unsigned char)c * 0x0101010101010101UL;
	for (; n > 0; n--, a++)
		*a = c;
	return to;
}
