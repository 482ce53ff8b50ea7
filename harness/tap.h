#ifndef TAP_H
#define TAP_H

#include "record.h"

#include <stddef.h>

/*
 * Results of a judge, read from its TAP (version 13) stream.
 *
 * A judge prints the version, the plan, and a line a test:
 *
 *     TAP version 13
 *     1..1
 *     not ok 1 - reads_what_arrives_in_pieces
 *       ---
 *       verdict: "wrong answer"
 *       cause: "io_read_full() returned 3 …"
 *       expected: "8"
 *       seen: "3"
 *       output: "…"
 *       ...
 *
 * Each value of the block is a JSON string (which is YAML too); unknown
 * keys are passed over. A run of the workload that passed has a block, too:
 * seconds, "0.040000000", and where its physical limit is known bound (in
 * seconds) and bound_by. A test the judge could not run is
 * `ok 1 - name # SKIP reason`.
 */

/*
 * Read the result of the test `result->name` from a stream of `length`
 * bytes and fill in state, verdict, cause, expected, seen, output, and the
 * times of a workload.
 * Returns NULL, or what is wrong with the stream ("it has no plan",
 * "it holds 0 of 1 tests", "it reports another test: x", "ends inside a
 * block", …; a literal or a string that stays valid until the next call).
 * A stream without version, plan and exactly the one expected test is
 * never a result.
 */
const char *tap_read(struct result *result, const char *stream, size_t length);

#endif
