# SPDX-License-Identifier: MIT
# The compiler, a Haskell program with a heap of its own, the C compiler under it, and what they made.
cat > work.hs <<'EOF'
import qualified Data.Map as M
main :: IO ()
main = print (M.foldl' (+) 0 (M.map length (M.fromList [(i, show i) | i <- [1 .. 100000 :: Int]])))
EOF
ghc -v0 -O -threaded -rtsopts work.hs
./work +RTS -N2
