# SPDX-License-Identifier: MIT
# Images that map themselves over a range of their own, with a collector that protects pages and catches the signals.
sbcl --noinform --non-interactive --no-userinit --eval '(let ((kept (loop for i below 200000 collect (format nil "~a" i))))
  (gc :full t) (print (reduce (function +) (mapcar (function length) kept))) (terpri))'
guile --no-auto-compile -c '(use-modules (ice-9 threads))
  (display (apply + (par-map (lambda (x) (string-length (number->string x))) (iota 20000)))) (newline)'
emacs --batch --quick --eval '(progn (require (quote org)) (dotimes (i 200000) (format "%d" i)) (garbage-collect)
  (princ (apply (function +) (number-sequence 1 1000))) (terpri))'
