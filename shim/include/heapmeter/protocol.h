/* SPDX-License-Identifier: MIT
 *
 * Where a metered process is found and what it understands; the one place both sides take it from.
 *
 * A metered process listens on a unix stream socket: directory $HEAPMETER_DIR, else
 * $XDG_RUNTIME_DIR/heapmeter, else /tmp/heapmeter-UID (made 0700, refused when it is a symlink or somebody
 * else's); file PID-STARTTIME.sock, both decimal, START TIME in clock ticks since boot as field 22 of
 * /proc/PID/stat, so that a reused pid cannot be taken for the old process. A process younger than about
 * 50 ms has no socket yet.
 *
 * It speaks HTTP/1.1: GET (or HEAD), one request a connection, answered with Content-Length and closed.
 * Answers are JSON, /metrics OpenMetrics text. Errors are {"error": "..."} with 400, 403, 404, 405, 408, 409,
 * 431.
 * POST /v1/sites?sample=every|off|BYTES[&for=SECONDS] changes how allocations are told apart by the code that
 * makes them, with the header "Heapmeter: 1" and no body; BYTES with K, M or G behind. Refused with 409 where
 * it cannot be.
 * POST /v1/leaks, likewise without a query, takes a look: which blocks can nothing reach? Its answer may take
 * seconds, in which others are answered; who hangs up ends it. 409 where there can be none, or another is
 * under way.
 * POST /v1/holders?leaf=N[,N...] or ?bytes=N[-N], likewise: who points at the live blocks of these call
 * stacks, as /v1/sites numbers them, or of these sizes, and the ways to them from the roots. With &apart
 * behind leaves: of each of them by itself ("towards_leaf"), without ways. Paths and fields are only ever
 * added. Same user and root are served, others get 403.
 */
#ifndef HEAPMETER_PROTOCOL_H
#define HEAPMETER_PROTOCOL_H

#define HEAPMETER_PROTOCOL_VERSION 1

#define HEAPMETER_PATH_IDENTITY "/"
#define HEAPMETER_PATH_SNAPSHOT "/v1/snapshot"
#define HEAPMETER_PATH_SIZES "/v1/sizes"
#define HEAPMETER_PATH_THREADS "/v1/threads"
#define HEAPMETER_PATH_ACCOUNT "/v1/account"
#define HEAPMETER_PATH_SITES "/v1/sites"
#define HEAPMETER_PATH_SITE_THREADS "/v1/sites/threads"
#define HEAPMETER_PATH_LEAKS "/v1/leaks"
#define HEAPMETER_PATH_HOLDERS "/v1/holders"
#define HEAPMETER_PATH_METRICS "/metrics"
/* Why a look is refused while somebody else has one taken. */
#define HEAPMETER_LOOK_UNDER_WAY "another look is under way"

/* What points at a block, as the field "kind" says it: HOLDER(enumerator, word). */
#define HEAPMETER_HOLDER_KINDS(HOLDER) \
  HOLDER(kBlock, "block")              \
  HOLDER(kData, "data")                \
  HOLDER(kStack, "stack")              \
  HOLDER(kMemory, "memory")            \
  HOLDER(kOther, "other")

#define HEAPMETER_DIR_VARIABLE "HEAPMETER_DIR"
#define HEAPMETER_RUNTIME_SUBDIRECTORY "heapmeter"
#define HEAPMETER_FALLBACK_DIRECTORY_START "/tmp/heapmeter-" /* then the user's number */
#define HEAPMETER_SOCKET_SUFFIX ".sock"
#define HEAPMETER_UNFINISHED_SUFFIX ".part" /* in its place while the socket is being made */

#define HEAPMETER_REQUEST_LIMIT 4096 /* bytes of request line and headers, more is 431 */
#define HEAPMETER_REQUEST_DEADLINE_MS \
  2000 /* a request that is not complete by then is 408, sooner when others wait */
/* How long a connection waits for another request, where the last one came with "Connection: keep-alive";
 * less when others wait. */
#define HEAPMETER_IDLE_DEADLINE_MS 10000
#define HEAPMETER_BIND_DELAY_MS 50
/* What the copy of a process that a look is taken of calls itself once it was seen where the threads stand;
 * before, it has the name of the thread that made it. Its end is told to nobody (exit signal 0). */
#define HEAPMETER_IMAGE_NAME "heapmeter look"
/* Under a limit of fewer processes and threads (RLIMIT_NPROC, pids.max) there is no service, which is one
 * more. */
#define HEAPMETER_FEW_PROCESSES 128
/* What a reading says of the meter's own memory is no older; where there is much of it, some seconds. */
#define HEAPMETER_METER_BYTES_AGE_MS 100
/* Every answer is made for the request it answers, up to so many a second; of more, one may be given that
 * was made for another so much earlier at most. */
#define HEAPMETER_FRESH_A_SECOND 20
#define HEAPMETER_SHARED_AGE_MS 20

#endif
