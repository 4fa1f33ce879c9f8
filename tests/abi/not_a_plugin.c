/* SPDX-License-Identifier: Apache-2.0 */
/* A shared library with the name of a plug-in, which is none: it exports nothing. */
int xpurt_test_nothing(void);

int xpurt_test_nothing(void) { return 0; }
