/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps that functions of the class export are asked for; ship.c. */
#ifndef FFPF_CLI_SHIP_H
#define FFPF_CLI_SHIP_H

#include <ffpf/ffpf.h>
#include <stdbool.h>

struct ship;
/* Opens the files, after instantiating. EXIT_DONE, or the exit status after a message; then close it all the same. */
int ship_open(struct ffpf *h, struct ship **out);
/* Writes what has been asked for since the last time. NULL-safe. */
void ship_serve(struct ship *ship, struct ffpf *h, double elapsed_s);
/* False: something could not be written, which was said. NULL-safe. */
bool ship_close(struct ship *ship);

#endif
