// SPDX-License-Identifier: MIT
//
// Numbers as the tool's tables have them: three digits and a unit.

const UNITS = { bytes: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], count: ['', 'k', 'M', 'G', 'T', 'P'] };

function figure(amount, unit) {
  const step = unit === 'bytes' ? 1024 : 1000, units = UNITS[unit];
  let size = Math.abs(amount), at = 0;
  while (size >= (at === 0 ? step : 999.5) && at < units.length - 1) {
    size /= step;
    ++at;
  }
  const digits = at === 0 ? String(Math.round(size)) : size.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  const gap = unit === 'bytes' ? ' ' : '';
  return `${amount < 0 ? '\u2212' : ''}${digits}${gap}${units[at]}`;
}

function change(amount, unit) { return amount > 0 ? `+${figure(amount, unit)}` : figure(amount, unit); }

function share(part, whole) { return whole > 0 ? `${(100 * part / whole).toFixed(1)} %` : '-'; }
