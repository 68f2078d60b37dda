# SPDX-License-Identifier: MIT
# Matrices by threads of its library, and cells by the thousand.
octave-cli --norc --quiet --eval 'a = rand(300) + eye(300) * 100; disp(norm(a * inv(a) - eye(300)) < 1e-6);
  s = cell(1, 5000); for i = 1:5000, s{i} = num2str(i); end; disp(sum(cellfun(@length, s)))'
