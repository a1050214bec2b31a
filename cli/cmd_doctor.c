#include "cli.h"
int cmd_doctor(struct cli *cli) { return 0; }
