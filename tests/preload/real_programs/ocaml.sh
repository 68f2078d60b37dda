# SPDX-License-Identifier: MIT
# Compiled to bytes, and to the processor's code, and run.
cat > work.ml <<'EOF'
let kept = Hashtbl.create 10
let () =
  for i = 1 to 200_000 do Hashtbl.add kept i (string_of_int i) done;
  Gc.compact ();
  Printf.printf "%d %d\n" (Hashtbl.length kept) (Hashtbl.fold (fun _ text sum -> sum + String.length text) kept 0)
EOF
ocaml work.ml
ocamlfind ocamlopt -package str work.ml -o work 2> /dev/null || ocamlopt work.ml -o work
./work
