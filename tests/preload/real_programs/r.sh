# SPDX-License-Identifier: MIT
# Matrices, a model, sorting, strings and closures, with garbage collected between; R is a C program with a heap of its own.
cat > work.R <<'EOF'
set.seed(7)
m <- matrix(rnorm(250000), 500)
cat(format(sum(diag(solve(crossprod(m) + diag(500)))), digits = 8), "\n")
d <- data.frame(x = 1:20000, g = rep(letters[1:20], 1000)); d$y <- d$x * 2 + rnorm(20000)
print(round(coef(lm(y ~ x + g, d))[1:3], 4)); invisible(gc())
s <- vapply(1:50000, function(n) paste0("n", n %% 977), ""); print(head(sort(table(s), decreasing = TRUE), 3))
f <- function(n) if (n < 2) n else f(n - 1) + f(n - 2); print(f(20))
invisible(system(paste("bash -c 'at_rest", Sys.getpid(), "'")))
EOF
R_PROFILE_USER=/dev/null Rscript --vanilla work.R
