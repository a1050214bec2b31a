/* SPDX-License-Identifier: BSD-2-Clause */
/* A shared object that has nothing to do with ffpf; loaded by tests/unit/test_classes.c. */
int notable_answer(void);

int notable_answer(void)
{
	return 42;
}
