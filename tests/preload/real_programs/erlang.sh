# SPDX-License-Identifier: MIT
# Its own allocators above mmap, schedulers as threads, five thousand processes of its own.
erl -noshell -eval '
  Kept = maps:from_list([{X, integer_to_list(X)} || X <- lists:seq(1, 300000)]),
  Me = self(),
  [spawn(fun() -> Me ! lists:sum(lists:seq(1, 1000)) end) || _ <- lists:seq(1, 5000)],
  Sum = lists:sum([receive N -> N end || _ <- lists:seq(1, 5000)]),
  io:format("~p ~p~n", [maps:size(Kept), Sum]), halt(0).'
