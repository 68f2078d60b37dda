# SPDX-License-Identifier: MIT
# Debian's is built to take what tcmalloc has, where there is one; four threads.
swipl -g 'numlist(1, 200000, All), findall(X-Y, (member(X, All), Y is X * X), Pairs), length(Pairs, N), print(N), nl,
  concurrent_forall(member(X, [1, 2, 3, 4]), (numlist(1, 10000, L), sum_list(L, S), S > 0)), garbage_collect, halt' -t 'halt(1)'
