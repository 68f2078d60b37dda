# SPDX-License-Identifier: MIT
# Four ranks on this machine: a ring, sums over all, messages of a few MiB, through shared memory.
cat > ring.c <<'EOF'
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  int rank, size;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  long sum = 0;
  for (int n = 1; n <= 1 << 19; n *= 2) {
    long *out = malloc(n * sizeof(long)), *in = malloc(n * sizeof(long));
    for (int i = 0; i < n; i++) out[i] = rank + i;
    MPI_Sendrecv(out, n, MPI_LONG, (rank + 1) % size, 0, in, n, MPI_LONG, (rank + size - 1) % size, 0,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    for (int i = 0; i < n; i++) sum += in[i];
    free(out);
    free(in);
  }
  long total = 0;
  MPI_Reduce(&sum, &total, 1, MPI_LONG, MPI_SUM, 0, MPI_COMM_WORLD);
  if (rank == 0) printf("%d ranks, %ld\n", size, total);
  MPI_Finalize();
  return 0;
}
EOF
TMPDIR=$PWD mpicc -O1 -o ring ring.c
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
TMPDIR=$PWD mpirun --oversubscribe -np 4 --mca btl self,vader --mca oob_tcp_if_include lo --mca plm isolated ./ring
