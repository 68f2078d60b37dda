/* SPDX-License-Identifier: MIT
 *
 * Does nothing; how it is linked is the point.
 */
int main(void) { return 0; }
