// SPDX-License-Identifier: MIT
//
// Namespaces, entered before the start and later.
#include "row.h"

namespace heapmeter::testing::matrix {

std::vector<Row> namespace_rows() {
  return {
      {.name = "unshare",
       .promise = "`unshare -U true`, which a process with a second thread may not",
       .script = "$METERED unshare -U true; echo $?",
       .counted = Counted::kNoMatter},
      {.name = "user_namespace",
       .promise = "a program started in a user namespace, as root of it",
       .script = "exec unshare -U -r $METERED ${VICTIMS}witness_c"},
      {.name = "user_namespace_unmapped",
       .promise = "the same, as nobody there",
       .script = "exec unshare -U $METERED ${VICTIMS}witness_c"},
      {.name = "user_namespace_later",
       .promise = "a shell in a user namespace makes another one, and programs in both",
       .script = "exec unshare -U -r bash --norc -c '$METERED bash --norc -c \"unshare -U -r "
                 "${VICTIMS}witness_c; ${VICTIMS}witness_c\"'"},
      {.name = "unshare_mounts",
       .promise = "`unshare -m true`",
       .script = "$METERED unshare -m true; echo $?",
       .counted = Counted::kNoMatter,
       .skip = unless_root},
      {.name = "setns_and_unshare_at_once",
       .promise = "setns and unshare at the start",
       .argv = {"@namespaces", "now"},
       .skip = unless_root},
      {.name = "setns_and_unshare_later",
       .promise = "setns and unshare when the meter has come up",
       .argv = {"@namespaces", "later"},
       .skip = unless_root},
  };
}

}  // namespace heapmeter::testing::matrix
