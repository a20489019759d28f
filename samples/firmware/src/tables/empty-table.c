/* A .resource_table section without a byte in it. Hosts with the default ELF operations refuse it; some platforms do not. */
#include "image.h"
#include "resource_table.h"

const char image_name[] = "empty-table";

RESOURCE_TABLE char table[0];
