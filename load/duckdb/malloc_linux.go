package duckdb

/*
#include <malloc.h>

static void limit_arenas(void) {
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 2);
#endif
}
*/
import "C"

// limitArenas keeps glibc from giving each of DuckDB's threads an arena of its own: what they free then stays in the
// process, and a long load grows although nothing of it is kept.
func limitArenas() { C.limit_arenas() }
